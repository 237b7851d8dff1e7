"use strict";
// Only additions: everything in the page can be read without them.
(function () {
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  all("[data-script]").forEach(function (one) { one.hidden = false; });

  // A link into something that is closed opens it.
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    var closed = false;
    for (var up = target; up; up = up.parentElement) {
      if (up.tagName === "DETAILS" && !up.open) { up.open = true; closed = true; }
    }
    if (closed) target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  reveal();

  function say(button, words) {
    var before = button.dataset.label || (button.dataset.label = button.textContent);
    button.textContent = words;
    document.getElementById("said").textContent = words;
    setTimeout(function () { button.textContent = before; }, 2500);
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-copy]");
    if (!button) return;
    var field = document.getElementById(button.dataset.copy);
    var byHand = function () {
      for (var up = field; up; up = up.parentElement) { if (up.tagName === "DETAILS") up.open = true; }
      field.focus();
      field.select();
      say(button, document.execCommand("copy") ? "Copied" : "Press Ctrl+C");
    };
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(field.value).then(function () { say(button, "Copied"); }, byHand);
    } else {
      byHand();
    }
  });

  // The filter hides what doesn't hold every word, and opens what holds a match.
  var box = document.getElementById("filter");
  if (!box) return;
  var shown = document.getElementById("filtered");
  var rows = null, groups = null, waiting = 0;
  function collect() {
    rows = all("[data-row]").map(function (one) { return { one: one, text: one.textContent.toLowerCase() + " " + one.id.toLowerCase() }; });
    groups = all("main details").filter(function (one) { return one.querySelector("[data-row]"); }).map(function (one) { return { one: one, open: one.open, rows: all("[data-row]", one) }; });
  }
  function filter() {
    if (!rows) collect();
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var hits = 0;
    rows.forEach(function (row) {
      var hit = words.every(function (word) { return row.text.indexOf(word) >= 0; });
      if (row.one.hidden === hit) row.one.hidden = !hit;
      if (hit) hits += 1;
    });
    groups.forEach(function (group) {
      var any = !words.length || group.rows.some(function (one) { return !one.hidden; });
      group.one.hidden = !any;
      group.one.open = words.length ? any : group.open;
    });
    shown.textContent = words.length ? hits + " of " + rows.length + " rows" : "";
  }
  box.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  box.addEventListener("keydown", function (event) { if (event.key === "Escape") { box.value = ""; filter(); } });
}());

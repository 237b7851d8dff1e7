//! What the engine must know of a product as a whole: how it is identified, how one logs in and
//! out, what is never sent, which facts can be learnt, and at which lists an effect shows.
//!
//! Knows: the words of `appliance.toml`. Must not know: which product that is, or who sends what.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `appliance.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Appliance {
    /// The name of the product, for people.
    pub product: String,
    /// The same, with its article.
    pub recognised_as: String,
    /// How it is asked who it is.
    pub identify: Identify,
    /// How a session is opened; none where each request carries the password.
    pub login: Option<Login>,
    /// How it is closed.
    pub logout: Option<Logout>,
    /// Facts that an operator can give, besides those that the tool knows by itself.
    #[serde(default)]
    pub facts: Vec<String>,
    /// Facts that are read from the appliance where the operator doesn't give them.
    #[serde(default)]
    pub discover: Vec<Discover>,
    /// The lists in which the effect of a request shows, in the order in which they are asked for.
    #[serde(default)]
    pub list: Vec<List>,
    /// The members that identify a row; the first one present counts.
    #[serde(default)]
    pub ids: Vec<String>,
    /// The sections of a page that speak of the request.
    #[serde(default)]
    pub request_sections: Vec<String>,
    /// What the body of an error has.
    #[serde(default)]
    pub errors: Errors,
    /// Changes that are never sent.
    #[serde(default)]
    pub never: Vec<Never>,
}

/// A GET that tells product and version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identify {
    /// The path.
    pub path: String,
    /// The path of a second question, asked where the first has no answer that an appliance gives.
    pub second: Option<String>,
    /// JSON pointer to the version. An answer without it isn't the product's.
    pub version: String,
    /// JSON pointer to the build.
    pub build: Option<String>,
    /// JSON pointer to the uuid.
    pub uuid: Option<String>,
    /// JSON pointer to the name.
    pub name: Option<String>,
}

/// A request that opens a session.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The member of the body that holds the user's name.
    pub user: String,
    /// The member of the body that holds the password.
    pub password: String,
    /// Headers of the request; `{{url}}` in a value is the address of the target.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON pointers to texts of the answer that are secret beside its token.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Where cookies make the session, what is known of them.
    pub cookies: Option<Cookies>,
    /// A token that requests show.
    pub token: Option<Token>,
    /// Headers that requests of the session carry, by method.
    #[serde(default)]
    pub adds: BTreeMap<String, BTreeMap<String, String>>,
}

/// The cookies of a session.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cookies {
    /// The names of those that hold no secret.
    #[serde(default)]
    pub open: Vec<String>,
}

/// A token that a login gives, and that requests show in a header.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The header in which requests show it.
    pub header: String,
    /// A word before it, such as `Bearer`.
    pub scheme: Option<String>,
    /// JSON pointer to it in the answer to the login.
    pub at: Option<String>,
    /// The cookie that holds it.
    pub cookie: Option<String>,
    /// Headers of answers that bring it, in lower case.
    #[serde(default)]
    pub headers: Vec<String>,
}

impl Token {
    /// Whether a header of an answer brings it.
    #[must_use]
    pub fn is_brought_by(&self, header: &str) -> bool {
        self.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
    }
}

/// A request that closes the session.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logout {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The operation that is asked in the closed session, to see whether it ended: a GET of a path
    /// without placeholders.
    pub then: Option<String>,
}

/// What the body of an error has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Places of the texts of its messages; `*` stands for each item of a list, or for what stands
    /// there instead of one.
    #[serde(default)]
    pub texts: Vec<String>,
    /// The requirement that such a text is one that people can read.
    pub words: Option<String>,
    /// Members that errors have as well as successes, so that they show nothing of what was asked
    /// for.
    #[serde(default)]
    pub members: Vec<String>,
}

/// A list in which the effect of a request shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct List {
    /// The word used in records and texts: `locks`.
    pub name: String,
    /// A row of it, in one word.
    pub row: String,
    /// The operation that gives it, a GET.
    pub operation: String,
    /// What its rows are.
    pub kind: ListKind,
    /// Whether it is asked for before and after the changes of a run, for what they left behind.
    #[serde(default)]
    pub inventory: bool,
    /// What appears in it, with its article: `a lock`.
    pub new: String,
    /// What was done to it then: `was taken`.
    pub made: String,
    /// Of jobs: the members that may hold the id of one.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Of jobs: JSON pointers to where one may tell its state.
    #[serde(default)]
    pub states: Vec<String>,
    /// Of jobs: the states after which one does nothing more.
    #[serde(default)]
    pub ended: Vec<String>,
    /// Of places: the reading that says where a row lies.
    pub reading: Option<String>,
    /// Of places: the word of a request that takes a row away from where it lay.
    pub takes_away: Option<String>,
    /// Of places: the word of a request that sends a row where no list shows it.
    pub sends_away: Option<String>,
}

impl List {
    /// What appears in it, without its article.
    #[must_use]
    pub fn thing(&self) -> &str {
        self.new.split_once(' ').map_or(self.new.as_str(), |(_, thing)| thing)
    }
}

/// What the rows of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// Things, by their ids, as the `[row]` of the operation knows them.
    Rows,
    /// Jobs: one is listed at once, and what it does shows later.
    Jobs,
    /// Places at which things lie.
    Places,
}

/// A change that is never sent, whatever is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Never {
    /// A word of the path, in lower case: a change whose path has it in any spelling isn't sent.
    pub word: String,
    /// The path that is meant, for people.
    pub path: String,
    /// What it would do.
    pub why: String,
}

/// A list that tells facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discover {
    /// The operation that gives it, a GET.
    pub operation: String,
    /// The fact that is the id of its first row, as the `[row]` of the operation knows it.
    pub first: Option<String>,
    /// Further facts that are ids of its rows, which only the operator gives.
    #[serde(default)]
    pub ids: Vec<String>,
    /// The facts that follow from where its rows lie.
    pub places: Option<Places>,
}

/// Facts that follow from where the rows of a list lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// The reading of the operation that says where.
    pub reading: String,
    /// The key of a row that lies in other places only.
    pub remote: String,
    /// The key of a row that lies here, and not at the other place.
    pub local: String,
    /// That other place: the first mount point that a row names.
    pub place: String,
}

impl Discover {
    /// The facts that it tells.
    pub fn facts(&self) -> impl Iterator<Item = &String> {
        let places = self.places.iter().flat_map(|of| [&of.remote, &of.local, &of.place]);
        self.first.iter().chain(places)
    }
}

impl Appliance {
    /// Whether a fact can be read from the appliance.
    #[must_use]
    pub fn can_discover(&self, fact: &str) -> bool {
        self.discover.iter().flat_map(Discover::facts).any(|known| known == fact)
    }

    /// What doesn't fit together.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut say = |what: String| found.push(what);
        let paths = std::iter::once(&self.identify.path)
            .chain(&self.identify.second)
            .chain(self.login.iter().map(|login| &login.path))
            .chain(self.logout.iter().map(|logout| &logout.path));
        for path in paths.filter(|path| !path.starts_with('/')) {
            say(format!("the path `{path}` must begin with a slash"));
        }
        for pointer in std::iter::once(&self.identify.version)
            .chain(&self.identify.build)
            .chain(&self.identify.uuid)
            .chain(&self.identify.name)
            .chain(self.login.iter().flat_map(|login| &login.secrets))
            .chain(self.login.iter().flat_map(|login| &login.token).flat_map(|token| &token.at))
            .filter(|pointer| !pointer.starts_with('/'))
        {
            say(format!("`{pointer}` must be a JSON pointer, such as /{pointer}"));
        }
        if let Some(login) = &self.login {
            if login.cookies.is_none() && login.token.is_none() {
                say("[login] needs [login.cookies] or [login.token]; otherwise no request would \
                    carry the session"
                    .to_owned());
            }
            if login.token.as_ref().is_some_and(|token| {
                token.at.is_none() && token.cookie.is_none() && token.headers.is_empty()
            }) {
                say("[login.token] has no source; add `at`, `cookie` or `headers`".to_owned());
            }
        }
        if self.logout.is_some() && self.login.is_none() {
            say("[logout] needs a [login]".to_owned());
        }
        for fact in self.discover.iter().flat_map(Discover::facts) {
            if !self.facts.contains(fact) {
                say(format!("[[discover]] gives the fact `{fact}`, which `facts` doesn't list"));
            }
        }
        for discover in &self.discover {
            if discover.first.is_some() == discover.places.is_some() {
                say(format!(
                    "[[discover]] of `{}` needs exactly one of `first` and `places`",
                    discover.operation
                ));
            }
        }
        for list in &self.list {
            let lacks = match list.kind {
                ListKind::Places if list.reading.is_none() => "reading",
                ListKind::Jobs if list.ids.is_empty() => "ids",
                _ => continue,
            };
            say(format!("a [[list]] of the kind of `{}` needs `{lacks}`", list.name));
        }
        for never in &self.never {
            if never.word.is_empty() || never.word != never.word.to_lowercase() {
                say(format!("[[never]] `{}` must be lower-case", never.word));
            }
        }
        found
    }
}

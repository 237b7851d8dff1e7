//! Who is the target? Asked before anything else is sent.
//!
//! Knows: how an appliance file says that it is asked, the login before it, and what the operator
//! expects. Must not know: which product that is, or cases.

mod stranger;

use crate::appliance::Appliance;
use crate::exchange::{Exchange, FaultKind, Outgoing, Purpose, Received};
use crate::identity::identity_of;
use crate::own_words::{demand_of_a_change, password_must_change, with_own_words};
use crate::pace::Pace;
use crate::record::{EndedEarly, Identity};
use crate::target::Expected;
pub use crate::terms::version;
use crate::transport::{self, Transport};
use crate::why::EndKind;

/// What is said where an account's password comes before everything else.
const MUST_CHANGE: &str = "; the password of the account must be changed first: log in with a \
    browser or a client, change it, and use the new one";

/// The first questions of a run, asked before anything is planned or recorded.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The login, where the run has a session.
    pub login: Option<Exchange>,
    /// The question who it is, and what came back.
    pub exchange: Option<Exchange>,
    /// Another question, where that answer may be one of another web server.
    pub second: Option<Exchange>,
    /// What it told about itself, whatever follows from it.
    pub identity: Identity,
    /// Who it is, or why the run can't go on.
    pub outcome: Result<Identity, EndedEarly>,
}

/// Logs in, if the run has a session, and asks the target who it is.
pub async fn probe(transport: &Transport, pace: &dyn Pace, expected: &Expected) -> Probe {
    let login = transport.login(pace.now()).await;
    ask(transport, pace, expected, login).await
}

/// Asks the target who it is, after a login, if the run has a session.
pub async fn ask(
    transport: &Transport,
    pace: &dyn Pace,
    expected: &Expected,
    login: Option<Exchange>,
) -> Probe {
    let early = |kind: EndKind, what: String| EndedEarly { kind, what };
    let Appliance { identify, recognised_as, .. } = transport.appliance();
    let asked = format!("GET {}", identify.path);
    if let Some(exchange) = &login {
        let status = exchange.got.as_ref().map_or(0, |got| got.status);
        let got = exchange.got.as_ref();
        let elsewhere = stranger::certainly(transport.base(), transport.is_proxied(), exchange);
        let failed = no_answer(transport, exchange).await.or(elsewhere).or_else(|| {
            let busy = got.filter(|got| matches!(got.status, 429 | 503));
            if let Some(got) = busy {
                return Some(early(EndKind::Unreachable, is_busy(transport.base(), exchange, got)));
            }
            let refused = !(200..300).contains(&status);
            let must_change = got.filter(|got| password_must_change(got)).map(|_| MUST_CHANGE);
            let what = if refused {
                with_own_words(
                    format!(
                        "{} refused the login ({status} on {} {})",
                        transport.base(),
                        exchange.sent.method,
                        exchange.sent.target
                    ),
                    got,
                )
            } else {
                let member = got.and_then(demand_of_a_change).unwrap_or_default();
                format!("{} accepted the login, but says {member}", transport.base())
            };
            (refused || must_change.is_some()).then(|| {
                early(EndKind::Credentials, format!("{what}{}", must_change.unwrap_or_default()))
            })
        });
        if let Some(failed) = failed {
            return Probe {
                login,
                exchange: None,
                second: None,
                identity: Identity::default(),
                outcome: Err(failed),
            };
        }
    }
    let exchange = transport
        .exchange("", "identify", 1, &Outgoing::read(&identify.path, Purpose::Identify), pace.now())
        .await;
    let identity = identity_of(identify, &exchange);
    let status = exchange.got.as_ref().map_or(0, |got| got.status);
    let outcome = if let Some(failed) = no_answer(transport, &exchange).await {
        Err(failed)
    } else if status == 401 {
        let hint =
            transport.session_hint().await.map_or_else(String::new, |hint| format!(": {hint}"));
        let must_change = exchange
            .got
            .as_ref()
            .filter(|got| password_must_change(got))
            .map_or("", |_| MUST_CHANGE);
        let what = with_own_words(
            format!("{} refused the credentials (401 on {asked})", transport.base()),
            exchange.got.as_ref(),
        );
        Err(early(EndKind::Credentials, format!("{what}{hint}{must_change}")))
    } else if let Some(got) =
        exchange.got.as_ref().filter(|got| got.status >= 400 && password_must_change(got))
    {
        let what = with_own_words(
            format!("{} refused the account ({status} on {asked})", transport.base()),
            Some(got),
        );
        Err(early(EndKind::Credentials, format!("{what}{MUST_CHANGE}")))
    } else if let Some(elsewhere) =
        stranger::certainly(transport.base(), transport.is_proxied(), &exchange)
    {
        Err(elsewhere)
    } else if let Some(difference) = unexpected(recognised_as, &identity, expected, &exchange) {
        Err(early(EndKind::Identity, difference))
    } else {
        Ok(identity.clone())
    };
    let mut probe = Probe { login, exchange: Some(exchange), second: None, identity, outcome };
    Box::pin(look_again(transport, pace, &mut probe)).await;
    probe
}

/// Asks for something else where the answer may be one of an appliance that is broken, or of another
/// web server. Where neither is an appliance's, nothing more is asked there.
async fn look_again(transport: &Transport, pace: &dyn Pace, probe: &mut Probe) {
    let Appliance { identify, recognised_as, .. } = transport.appliance();
    let got = probe.exchange.as_ref().and_then(|exchange| exchange.got.as_ref());
    let (Ok(Identity { unrecognised: Some(what), .. }), Some(path), true) =
        (&probe.outcome, &identify.second, got.is_some_and(stranger::possibly))
    else {
        return;
    };
    let question = Outgoing::read(path, Purpose::Identify);
    let second = transport.exchange("", "identify-again", 1, &question, pace.now()).await;
    if let Some(got) = second.got.as_ref().filter(|got| stranger::possibly(got)) {
        let label = got.header("content-type").unwrap_or("no content type");
        let what = format!(
            "the target isn't recognised as {recognised_as}: {what}, and GET {path} answered {} \
                ({label}); check the url and its path",
            got.status
        );
        probe.outcome = Err(EndedEarly { kind: EndKind::Identity, what });
    }
    probe.second = Some(second);
}

/// That a login isn't taken just now.
fn is_busy(base: &str, exchange: &Exchange, got: &Received) -> String {
    let wait = got.header("retry-after").map(|wait| format!(", Retry-After {wait}"));
    let what = format!(
        "{base} is busy ({}{} on {} {})",
        got.status,
        wait.unwrap_or_default(),
        exchange.sent.method,
        exchange.sent.target
    );
    with_own_words(
        format!("{what}; try again, or `run --wait 15m` where it is starting"),
        Some(got),
    )
}

/// Why there was no answer, with what can be done about it.
async fn no_answer(transport: &Transport, exchange: &Exchange) -> Option<EndedEarly> {
    let fault = exchange.fault.as_ref()?;
    // A look at the certificate goes straight to the target.
    let advice = if fault.kind == FaultKind::Tls && !transport.is_proxied() {
        transport::advice(transport.base(), transport.limits())
            .await
            .map(|advice| format!("; {advice}"))
    } else {
        None
    };
    let what = format!(
        "{} gave no answer ({}): {}{}",
        transport.base(),
        fault.kind.word(),
        fault.message,
        advice.unwrap_or_default()
    );
    Some(EndedEarly { kind: EndKind::Unreachable, what })
}

/// What makes the target another one than the operator meant, if anything.
fn unexpected(
    product: &str,
    identity: &Identity,
    expected: &Expected,
    exchange: &Exchange,
) -> Option<String> {
    let page = exchange.got.as_ref().is_some_and(|got| got.status == 200 && got.is_page());
    if let Some(what) =
        identity.unrecognised.as_ref().filter(|_| page || *expected != Expected::default())
    {
        return Some(format!("the target isn't recognised as {product}: {what}"));
    }
    if let Some(wanted) = &expected.version {
        let told = identity.version.as_deref().unwrap_or("none");
        if !version(told).is_some_and(|version| wanted.matches(&version)) {
            return Some(format!("the appliance has version {told}, but {wanted} was expected"));
        }
    }
    let wanted = expected.uuid.as_ref()?;
    let told = identity.uuid.as_deref().unwrap_or("none");
    (!told.eq_ignore_ascii_case(wanted))
        .then(|| format!("the appliance has the uuid {told}, but {wanted} was expected"))
}

pub(crate) fn described(appliance: &Appliance, identity: &Identity) -> String {
    let version = identity.version.as_deref().unwrap_or("unknown version");
    match (identity.double, &identity.unrecognised) {
        (true, _) => format!("the double, version {version}"),
        (false, None) => format!("{} {version}", appliance.product),
        (false, Some(what)) => format!("not recognised as {}: {what}", appliance.recognised_as),
    }
}

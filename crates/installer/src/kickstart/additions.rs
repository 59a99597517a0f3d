//! What is added to a kickstart file: callbacks, log lines, the configdrive.
//!
//! Source: `contract: boot-and-images` section 9, `contract: agent-protocol` section 4 for the callback's request.

use super::document::Document;
use crate::Variables;
use crate::shell::quote;
use serde_json::json;

/// A message of the installer about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callback {
    /// It runs.
    Start,
    /// It failed.
    Error,
    /// It is done.
    End,
}

impl Callback {
    pub(crate) const ALL: [Self; 3] = [Self::Start, Self::Error, Self::End];

    /// Its word.
    pub(crate) const fn status(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Error => "error",
            Self::End => "end",
        }
    }

    /// The section from which it is sent.
    pub(crate) const fn section(self) -> &'static str {
        match self {
            Self::Start => "%pre",
            Self::Error => "%onerror",
            Self::End => "%post",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Start => "Anaconda runs.",
            Self::Error => "Anaconda failed.",
            Self::End => "Anaconda is done.",
        }
    }
}

/// Where cloud-init looks for a configdrive that was written as files.
const SEED: &str = "/var/lib/cloud/seed/config_drive";

/// Whether a section of the file sends the callback.
pub(crate) fn has_callback(document: &Document, callback: Callback, heartbeat_url: &str) -> bool {
    let quoted = format!("\"{}\"", callback.status());
    document.sections_of(callback.section()).any(|section| {
        // Quotes are escaped where the request is in double quotes.
        let body = section.body.replace('\\', "");
        body.contains(heartbeat_url) && body.contains("agent_status") && body.contains(&quoted)
    })
}

/// The file with everything that its template left out: callbacks, log lines, and the configdrive.
pub fn complete(text: &str, document: &Document, variables: &Variables) -> String {
    let mut whole = text.to_owned();
    if !whole.ends_with('\n') {
        whole.push('\n');
    }
    let missing = |callback| !has_callback(document, callback, &variables.heartbeat_url);
    if missing(Callback::Start) {
        whole.push_str(&section("%pre", &[&callback(Callback::Start, variables), &follow_log(variables)]));
    }
    if missing(Callback::Error) {
        // The log first: whatever the node may do here ends with this callback.
        whole.push_str(&section("%onerror", &[&send_log(variables), &callback(Callback::Error, variables)]));
    }
    let seeded = document.sections_of("%post").any(|section| section.body.contains(SEED));
    if !variables.config_drive.is_empty() && !seeded {
        whole.push_str(&variables.config_drive);
    }
    if missing(Callback::End) {
        whole.push_str(&section("%post --nochroot", &["sync\n", &callback(Callback::End, variables)]));
    }
    whole
}

/// Sections that write a configdrive's files where the installed system finds them.
pub(crate) fn config_drive(files: &[(String, String)]) -> String {
    let mut sections = String::new();
    for (path, base64) in files {
        let target = quote(&format!("{SEED}/{path}"));
        let body = format!(
            "target={target}\nmkdir -p -- \"$(dirname -- \"$target\")\"\nbase64 -d > \"$target\" <<'FERRIC_END'\n\
             {base64}\nFERRIC_END\nchmod 600 -- \"$target\"\n"
        );
        sections.push_str(&section("%post", &[&body]));
    }
    sections
}

fn section(header: &str, bodies: &[&str]) -> String {
    format!("\n{header}\n{}%end\n", bodies.concat())
}

/// A callback is repeated until it was taken; 400 and 404 say that nobody waits for it any more.
fn callback(callback: Callback, variables: &Variables) -> String {
    let body = json!({
        "callback_url": "",
        "agent_token": variables.agent_token,
        "agent_status": callback.status(),
        "agent_status_message": callback.message(),
    });
    format!(
        "for attempt in 1 2 3 4 5 6 7 8 9 10; do\n  code=$(curl {}-s -o /dev/null -w '%{{http_code}}' --max-time 30 -X POST \
         -H 'Content-Type: application/json' -H 'Accept: application/json' \
         -H 'X-OpenStack-Ironic-API-Version: 1.72' -d {} {})\n  \
         case \"$code\" in 2??|400|404) break;; esac\n  sleep 5\ndone\n",
        insecure(variables),
        quote(&body.to_string()),
        quote(&variables.heartbeat_url),
    )
}

fn post_log(variables: &Variables) -> String {
    let url = quote(&variables.log_url);
    format!("curl {}-s -o /dev/null --max-time 30 -X POST --data-binary @- {url}", insecure(variables))
}

/// Sends what Anaconda logs while it runs.
fn follow_log(variables: &Variables) -> String {
    if variables.log_url.is_empty() {
        return String::new();
    }
    format!(
        "(\n  sent=0\n  while sleep 10; do\n    size=$(wc -c < /tmp/anaconda.log) || continue\n    \
         [ \"$size\" -gt \"$sent\" ] || continue\n    \
         tail -c \"+$((sent + 1))\" /tmp/anaconda.log | head -c 60000 | {} || continue\n    \
         sent=$((sent + 60000 < size ? sent + 60000 : size))\n  done\n) > /dev/null 2>&1 &\n",
        post_log(variables)
    )
}

fn send_log(variables: &Variables) -> String {
    if variables.log_url.is_empty() {
        return String::new();
    }
    let logs = "/tmp/anaconda.log /tmp/packaging.log /tmp/storage.log /tmp/program.log";
    format!("tail -q -n 25 {logs} 2>/dev/null | {}\n", post_log(variables))
}

fn insecure(variables: &Variables) -> &'static str {
    if variables.insecure_heartbeat { "-k " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::super::{LintRules, lint, parse};
    use super::*;

    fn variables() -> Variables {
        Variables {
            heartbeat_url: "http://api/v1/heartbeat/n".into(),
            agent_token: "t0k'en".into(),
            log_url: "http://api/boot/b/log".into(),
            config_drive: config_drive(&[("openstack/latest/meta_data.json".into(), "e30=".into())]),
            ..Variables::default()
        }
    }

    fn rules() -> LintRules {
        LintRules { heartbeat_url: Some(variables().heartbeat_url), ..LintRules::default() }
    }

    #[test]
    fn what_a_template_leaves_out_is_added_and_can_be_read() {
        let bare = "liveimg --url=http://x/y";
        let (document, _) = parse(bare);
        assert_eq!(lint(&document, &rules()).len(), 3);
        let whole = complete(bare, &document, &variables());
        let (document, problems) = parse(&whole);
        assert_eq!((problems, lint(&document, &rules())), (vec![], vec![]));
        let names: Vec<&str> = document.sections.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["%pre", "%onerror", "%post", "%post"]);
        assert!(
            document.sections[2].body.contains("config_drive/openstack/latest/meta_data.json"),
            "{whole}"
        );
        assert_eq!(complete(&whole, &document, &variables()), whole);
    }

    #[test]
    fn what_a_template_sends_itself_is_left_alone() {
        let own = |section: &str, status: &str| {
            let body = format!("{{\\\"agent_status\\\": \\\"{status}\\\"}}");
            format!("{section}\ncurl -d \"{body}\" http://api/v1/heartbeat/n\n%end\n")
        };
        let text =
            format!("cdrom\n{}{}{}", own("%pre", "start"), own("%onerror", "error"), own("%post", "end"));
        let (document, _) = parse(&text);
        assert_eq!(
            complete(&text, &document, &Variables { config_drive: String::new(), ..variables() }),
            text
        );
        // A callback to somebody else is none.
        let elsewhere = text.replace("http://api/", "http://evil/");
        let (document, _) = parse(&elsewhere);
        assert_eq!(lint(&document, &rules()).len(), 3);
    }
}

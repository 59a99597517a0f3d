//! Redfish sessions: tokens, their ids, who opened them, and who may still use them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use uuid::Uuid;

/// More sessions than this are refused, as real BMCs refuse a handful.
pub(crate) const SESSION_LIMIT: usize = 512;

/// All sessions of the service.
pub(crate) struct Sessions {
    /// How long one lives that nobody uses.
    timeout: Duration,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    open: BTreeMap<String, Session>,
    counts: SessionCounts,
}

/// How sessions began and ended so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SessionCounts {
    /// Logins.
    pub opened: u64,
    /// Ended by who had opened them.
    pub logged_out: u64,
    /// Not used for too long.
    pub timed_out: u64,
    /// Forgotten by the BMC: it was restarted, or told to.
    pub forgotten: u64,
}

/// An open session.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Its id.
    pub id: String,
    /// The user.
    pub username: String,
    /// What the client called itself (`User-Agent`).
    pub client: Option<String>,
    /// When it was opened.
    pub opened_at: Instant,
    /// When it was used last.
    pub used_at: Instant,
}

/// What is known of who logs in.
pub(crate) struct Opener<'a> {
    pub username: &'a str,
    pub client: Option<&'a str>,
    /// The client's address, as Redfish shows it.
    pub address: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Session {
    token: String,
    pub username: String,
    pub client: Option<String>,
    pub address: Option<String>,
    pub created_at: String,
    opened: Instant,
    used: Instant,
}

/// What a login yields.
pub(crate) struct Login {
    pub id: String,
    pub token: String,
    pub session: Session,
}

impl Sessions {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, book: Mutex::default() }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Opens a session; `None` when the service is full.
    pub(crate) fn open(&self, opener: &Opener<'_>, created_at: String) -> Option<Login> {
        let mut book = self.book();
        if book.open.len() >= SESSION_LIMIT {
            return None;
        }
        let id = Uuid::new_v4().simple().to_string()[..16].to_owned();
        let token = Uuid::new_v4().simple().to_string();
        let now = Instant::now();
        let session = Session {
            token: token.clone(),
            username: opener.username.to_owned(),
            client: opener.client.map(str::to_owned),
            address: opener.address.clone(),
            created_at,
            opened: now,
            used: now,
        };
        book.open.insert(id.clone(), session.clone());
        book.counts.opened += 1;
        Some(Login { id, token, session })
    }

    /// Whether the token is one of an open session, which is used with that.
    pub(crate) fn is_valid(&self, token: &str) -> bool {
        let mut book = self.book();
        let found = book.open.values_mut().find(|session| session.token == token);
        found.map(|session| session.used = Instant::now()).is_some()
    }

    pub(crate) fn find(&self, id: &str) -> Option<Session> {
        self.book().open.get(id).cloned()
    }

    pub(crate) fn close(&self, id: &str) -> bool {
        let mut book = self.book();
        let closed = book.open.remove(id).is_some();
        book.counts.logged_out += u64::from(closed);
        closed
    }

    pub(crate) fn expire_all(&self) {
        let mut book = self.book();
        book.counts.forgotten += book.open.len() as u64;
        book.open.clear();
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.book().open.keys().cloned().collect()
    }

    pub(crate) fn views(&self) -> Vec<SessionView> {
        let view = |(id, session): (&String, &Session)| SessionView {
            id: id.clone(),
            username: session.username.clone(),
            client: session.client.clone(),
            opened_at: session.opened,
            used_at: session.used,
        };
        self.book().open.iter().map(view).collect()
    }

    pub(crate) fn counts(&self) -> SessionCounts {
        self.book().counts
    }

    /// Everything, after what was not used for too long is taken out: nobody sees a session that is over.
    fn book(&self) -> MutexGuard<'_, Book> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let Book { open, counts } = &mut *book;
        let before = open.len();
        open.retain(|_, session| session.used.elapsed() < self.timeout);
        counts.timed_out += (before - open.len()) as u64;
        book
    }
}

#[cfg(test)]
mod tests {
    use super::{Opener, SessionCounts, Sessions};
    use std::time::Duration;

    const ROOT: Opener<'_> = Opener { username: "root", client: Some("me"), address: None };

    #[test]
    fn a_session_that_nobody_uses_ends_by_itself() {
        let sessions = Sessions::new(Duration::ZERO);
        let login = sessions.open(&ROOT, String::new()).unwrap();
        assert!(!sessions.is_valid(&login.token) && sessions.find(&login.id).is_none());
        assert!(!sessions.close(&login.id), "it was over already");
        assert_eq!(sessions.counts(), SessionCounts { opened: 1, timed_out: 1, ..SessionCounts::default() });
    }

    #[test]
    fn each_end_is_counted_and_who_opened_is_known() {
        let sessions = Sessions::new(Duration::from_secs(1800));
        let [first, _second] = [(); 2].map(|()| sessions.open(&ROOT, String::new()).unwrap());
        assert!(sessions.is_valid(&first.token) && sessions.close(&first.id));
        let views = sessions.views();
        assert_eq!(views.len(), 1);
        assert_eq!((views[0].client.as_deref(), views[0].username.as_str()), (Some("me"), "root"));
        sessions.expire_all();
        let counts = SessionCounts { opened: 2, logged_out: 1, timed_out: 0, forgotten: 1 };
        assert_eq!((sessions.counts(), sessions.ids().len()), (counts, 0));
    }
}

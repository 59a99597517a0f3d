//! Redfish sessions: tokens, their ids, and who may still use them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// More sessions than this are refused, as real BMCs refuse a handful.
pub(crate) const SESSION_LIMIT: usize = 512;

/// All open sessions of the service.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Mutex<BTreeMap<String, Session>>,
}

#[derive(Clone)]
pub(crate) struct Session {
    token: String,
    pub username: String,
    pub created_at: String,
}

/// What a login yields.
pub(crate) struct Login {
    pub id: String,
    pub token: String,
    pub session: Session,
}

impl Sessions {
    /// Opens a session; `None` when the service is full.
    pub(crate) fn open(&self, username: &str, created_at: String) -> Option<Login> {
        let mut open = self.lock();
        if open.len() >= SESSION_LIMIT {
            return None;
        }
        let id = Uuid::new_v4().simple().to_string()[..16].to_owned();
        let token = Uuid::new_v4().simple().to_string();
        let session = Session { token: token.clone(), username: username.to_owned(), created_at };
        open.insert(id.clone(), session.clone());
        Some(Login { id, token, session })
    }

    pub(crate) fn is_valid(&self, token: &str) -> bool {
        self.lock().values().any(|session| session.token == token)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Session> {
        self.lock().get(id).cloned()
    }

    pub(crate) fn close(&self, id: &str) -> bool {
        self.lock().remove(id).is_some()
    }

    pub(crate) fn expire_all(&self) {
        self.lock().clear();
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

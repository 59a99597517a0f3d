//! Users and passwords from a file.
//!
//! Source: RFC 7617; the file is that of Apache's `htpasswd -B`: one `user:hash` per line, bcrypt only.

use super::Fault;
use crate::error::ApiError;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ferric_control::Actor;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio::sync::Semaphore;

/// What callers are told who may not come in.
const CHALLENGE: &str = "Basic realm=\"Baremetal API\"";
/// Answers that say no.
const REFUSED: &str = "Incorrect username or password";
/// Verified credentials that are remembered at most.
const REMEMBERED: usize = 256;
/// Hashes computed at once at most.
const CHECKS: usize = 4;
/// A hash that no password has: an unknown user costs as much time as a known one.
const NOBODY: &str = "$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/// The file of users, read anew whenever it changes.
#[derive(Debug)]
pub(crate) struct HttpBasic {
    path: PathBuf,
    users: Mutex<Users>,
    /// Digests of credentials that were verified against the present file.
    verified: Mutex<Vec<[u8; 32]>>,
    /// How many hashes may be computed at once: each costs a processor a tenth of a second, on purpose.
    checks: Semaphore,
}

#[derive(Debug, Default)]
struct Users {
    /// When the file was last written, and its size.
    version: Option<(SystemTime, u64)>,
    hashes: Arc<HashMap<String, String>>,
}

impl HttpBasic {
    /// Reads the file.
    pub(crate) fn open(path: &Path) -> Result<Self, ApiError> {
        let users = read(path).map_err(|reason| ApiError::Config { key: "auth.http_basic_file", reason })?;
        let checks = Semaphore::new(CHECKS);
        Ok(Self { path: path.to_owned(), users: Mutex::new(users), verified: Mutex::default(), checks })
    }

    /// Recognizes the user whose credentials the request carries.
    pub(crate) async fn recognize(&self, headers: &HeaderMap) -> Result<Actor, Fault> {
        let (user, password) = credentials(headers)?;
        let hashes = self.hashes()?;
        let known = hashes.get(&user).cloned();
        let digest = digest(&user, &password, known.as_deref().unwrap_or_default());
        if !self.remembers(&digest) {
            let _turn = self.checks.acquire().await.map_err(Fault::internal)?;
            let hash = known.clone().unwrap_or_else(|| NOBODY.to_owned());
            let checked = tokio::task::spawn_blocking(move || bcrypt::verify(password, &hash)).await;
            let right = checked.map_err(Fault::internal)?.unwrap_or(false);
            if !right || known.is_none() {
                return Err(Fault::unauthenticated(REFUSED, CHALLENGE));
            }
            self.remember(digest);
        }
        Ok(Actor { user: Some(user), ..Actor::unrestricted() })
    }

    /// The users of the present file.
    fn hashes(&self) -> Result<Arc<HashMap<String, String>>, Fault> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if version(&self.path) != users.version {
            *users = read(&self.path).map_err(Fault::internal)?;
            self.verified.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        Ok(Arc::clone(&users.hashes))
    }

    fn remembers(&self, digest: &[u8; 32]) -> bool {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).contains(digest)
    }

    fn remember(&self, digest: [u8; 32]) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= REMEMBERED {
            verified.remove(0);
        }
        verified.push(digest);
    }
}

fn digest(user: &str, password: &[u8], hash: &str) -> [u8; 32] {
    let mut sum = Sha256::new();
    for part in [user.as_bytes(), password, hash.as_bytes()] {
        sum.update((part.len() as u64).to_be_bytes());
        sum.update(part);
    }
    sum.finalize().into()
}

fn version(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn read(path: &Path) -> Result<Users, String> {
    let version = version(path);
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut hashes = HashMap::new();
    for (user, hash) in text.lines().filter_map(|line| line.trim().split_once(':')) {
        if !["$2y$", "$2a$", "$2b$"].iter().any(|kind| hash.starts_with(kind)) {
            return Err(format!("only bcrypt hashes are understood, the one of user {user} is none"));
        }
        // The first line of a user counts, as in Ironic.
        hashes.entry(user.to_owned()).or_insert_with(|| hash.to_owned());
    }
    Ok(Users { version, hashes: Arc::new(hashes) })
}

/// Reads the `Authorization` header.
fn credentials(headers: &HeaderMap) -> Result<(String, Vec<u8>), Fault> {
    let unreadable = |text: &str| Fault::bad_credentials(text);
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(Fault::unauthenticated("Authorization required", CHALLENGE));
    };
    let (kind, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(char::is_whitespace))
        .ok_or_else(|| unreadable("Could not parse Authorization header"))?;
    if !kind.eq_ignore_ascii_case("basic") {
        return Err(unreadable(&format!("Unsupported authorization type \"{kind}\"")));
    }
    let bad_token = || unreadable("Could not decode authorization token");
    let pair = STANDARD.decode(token.trim()).map_err(|_| bad_token())?;
    let colon = pair.iter().position(|b| *b == b':').ok_or_else(bad_token)?;
    let user = std::str::from_utf8(&pair[..colon]).map_err(|_| bad_token())?;
    Ok((user.to_owned(), pair[colon + 1..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use std::io::Write;

    fn header(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(text).unwrap());
        headers
    }

    fn basic(pair: &str) -> HeaderMap {
        header(&format!("Basic {}", STANDARD.encode(pair)))
    }

    #[actix_web::test]
    async fn only_the_right_password_of_a_known_user_opens() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "ann:{}\n", bcrypt::hash("pass:word", 4).unwrap()).unwrap();
        let users = HttpBasic::open(file.path()).unwrap();
        for _ in 0..2 {
            let actor = users.recognize(&basic("ann:pass:word")).await.unwrap();
            assert_eq!(actor.user.as_deref(), Some("ann"));
        }
        let cases = [
            (basic("ann:wrong"), 401, REFUSED),
            (basic("bob:pass:word"), 401, REFUSED),
            (HeaderMap::new(), 401, "Authorization required"),
            (header("Basic"), 400, "Could not parse Authorization header"),
            (header("Bearer x"), 400, "Unsupported authorization type \"Bearer\""),
            (header("Basic !!"), 400, "Could not decode authorization token"),
        ];
        for (headers, status, text) in cases {
            let fault = users.recognize(&headers).await.unwrap_err();
            assert_eq!((fault.status, fault.text.as_str()), (status, text));
        }
    }

    #[actix_web::test]
    async fn a_changed_file_counts_at_once() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "ann:{}", bcrypt::hash("one", 4).unwrap()).unwrap();
        let users = HttpBasic::open(file.path()).unwrap();
        users.recognize(&basic("ann:one")).await.unwrap();
        std::fs::write(file.path(), format!("# people\nann:{}\n", bcrypt::hash("two", 4).unwrap())).unwrap();
        assert_eq!(users.recognize(&basic("ann:one")).await.unwrap_err().status, 401);
        users.recognize(&basic("ann:two")).await.unwrap();
    }

    #[test]
    fn other_hashes_are_refused_when_the_service_starts() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "ann:$apr1$x").unwrap();
        assert!(HttpBasic::open(file.path()).is_err());
        assert!(HttpBasic::open(Path::new("/nonexistent/file")).is_err());
    }
}

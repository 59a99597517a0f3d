//! Reads: with retries, leniently, and along links.

use super::bmc::Bmc;
use super::error::{RedfishError, Result};
use super::json;
use super::pace::Pace;
use super::reply::{Call, Reply};
use super::session::Credential;
use crate::config::RedfishConfig;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, ETAG};
use serde_json::Value;
use std::sync::Arc;
use tokio::time::sleep;

/// Longest chain of pages of one collection.
const MOST_PAGES: usize = 64;

/// A resource as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Where it was read.
    pub path: String,
    /// Its entity tag, from the header or from the body.
    pub etag: Option<String>,
    /// What it holds; always an object.
    pub body: Value,
}

impl Resource {
    /// Its identity among its like: what it says, else the end of its path.
    pub fn id(&self) -> &str {
        json::text(&self.body, &["Id"]).unwrap_or_else(|| json::last_segment(&self.path))
    }
}

/// The tries that are left, with pauses between them.
#[derive(Debug, Clone)]
pub(super) struct Tries {
    left: u32,
    pace: Pace,
}

impl Tries {
    pub fn new(config: &RedfishConfig) -> Self {
        Self { left: config.attempts.saturating_sub(1), pace: Pace::of_retries(config) }
    }

    fn at_most(mut self, tries: u32) -> Self {
        self.left = self.left.min(tries.saturating_sub(1));
        self
    }

    /// Pauses, unless no try is left.
    pub async fn another(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        sleep(self.pace.next_pause()).await;
        true
    }
}

impl Bmc {
    /// Reads a resource; what may pass by itself is tried again.
    pub async fn get(&self, path: &str) -> Result<Resource> {
        self.get_within(path, Tries::new(&self.config)).await
    }

    async fn get_within(&self, path: &str, mut tries: Tries) -> Result<Resource> {
        loop {
            match self.get_once(path).await {
                Err(error) if error.retryable() => {
                    if !tries.another().await {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }

    /// Reads a resource, once: for callers that look again anyway.
    pub async fn get_once(&self, path: &str) -> Result<Resource> {
        let call = Call::get(path);
        let result = match self.authorized(&call).await {
            Ok(reply) => self.resource(&call, &reply),
            Err(error) => Err(error),
        };
        if result.is_err() {
            // What was learned of the service may no longer hold: its firmware may have been replaced.
            self.learn(|known| *known = Default::default());
        }
        result
    }

    /// Reads a resource where there may be none. Some firmware has an internal fault for what it does not have, so that
    /// it is tried twice only.
    ///
    /// **Errors**: all but those that say that the resource is not there or not readable.
    pub async fn find(&self, path: &str) -> Result<Option<Resource>> {
        match self.get_within(path, Tries::new(&self.config).at_most(2)).await {
            Ok(resource) => Ok(Some(resource)),
            Err(RedfishError::Refused { .. } | RedfishError::Nonsense { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The paths of a collection's members, page after page.
    pub async fn members(&self, collection: &str) -> Result<Vec<String>> {
        self.members_within(collection, &Tries::new(&self.config)).await
    }

    /// The paths of a collection's members where there may be no collection.
    ///
    /// **Errors**: as [`Self::find`].
    pub async fn find_members(&self, collection: &str) -> Result<Option<Vec<String>>> {
        match self.members_within(collection, &Tries::new(&self.config).at_most(2)).await {
            Ok(members) => Ok(Some(members)),
            Err(RedfishError::Refused { .. } | RedfishError::Nonsense { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn members_within(&self, collection: &str, tries: &Tries) -> Result<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        let mut page = Some(collection.to_owned());
        for _ in 0..MOST_PAGES {
            let Some(path) = page else { break };
            let resource = self.get_within(&path, tries.clone()).await?;
            for link in json::links(&resource.body, &["Members"]) {
                if !found.iter().any(|known| known == link) {
                    found.push(link.to_owned());
                }
            }
            page = json::link(&resource.body, &["Members@odata.nextLink"])
                .or_else(|| json::link(&resource.body, &["@odata.nextLink"]))
                .map(str::to_owned);
        }
        Ok(found)
    }

    /// The service root.
    pub async fn root(&self) -> Result<Arc<Resource>> {
        if let Some(root) = self.known().root {
            return Ok(root);
        }
        let root = match self.read_as(&self.root_path, &Credential::None).await {
            Err(RedfishError::Unauthorized { .. }) => {
                self.read_as(&self.root_path, &self.root_credential()).await?
            }
            result => result?,
        };
        let root = Arc::new(root);
        self.learn(|known| known.root = Some(Arc::clone(&root)));
        Ok(root)
    }

    /// The path of the only system of the service.
    ///
    /// **Errors**: [`RedfishError::Unclear`] when there are several.
    pub async fn only_system(&self) -> Result<String> {
        if let Some(path) = self.known().only_system {
            return Ok(path);
        }
        let root = self.root().await?;
        let missing =
            |what| RedfishError::Missing { resource: format!("{}{}", self.address, root.path), what };
        let systems = json::link(&root.body, &["Systems"]).ok_or_else(|| missing("Systems"))?;
        let mut found = self.members(systems).await?;
        match found.len() {
            0 => Err(missing("ComputerSystem")),
            1 => {
                let path = found.remove(0);
                self.learn(|known| known.only_system = Some(path.clone()));
                Ok(path)
            }
            _ => Err(RedfishError::Unclear { found }),
        }
    }

    /// Reads with a given credential, outside the session.
    pub(super) async fn read_as(&self, path: &str, credential: &Credential) -> Result<Resource> {
        let call = Call::get(path);
        let mut tries = Tries::new(&self.config);
        loop {
            let result = match self.exchange(&call, credential).await {
                Ok(reply) => self.resource(&call, &reply),
                Err(error) => Err(error),
            };
            match result {
                Err(error) if error.retryable() => {
                    if !tries.another().await {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }

    fn resource(&self, call: &Call<'_>, reply: &Reply) -> Result<Resource> {
        if reply.status == StatusCode::UNAUTHORIZED {
            return Err(match self.refused(call, reply, &[]) {
                RedfishError::Refused { request, said, .. } => RedfishError::Unauthorized { request, said },
                other => other,
            });
        }
        if !reply.status.is_success() {
            return Err(self.refused(call, reply, &[]));
        }
        let Some(body) = reply.json().filter(Value::is_object) else {
            let kind = reply.header(&CONTENT_TYPE).unwrap_or("of unknown type");
            let what = format!("{} bytes, {kind}, that are no JSON object", reply.body.len());
            return Err(RedfishError::Nonsense { request: self.request(call), what });
        };
        Ok(Resource {
            path: call.path.to_owned(),
            etag: reply.header(&ETAG).or_else(|| json::text(&body, &["@odata.etag"])).map(str::to_owned),
            body,
        })
    }
}

//! Tasks of a BMC: by them shows what was asked for by somebody who was lost since.
//!
//! Source: DSP0268, TaskService and Task schemas.

use crate::client::{Access, Resource, Result, json};
use crate::resource::ServiceRoot;

/// A task, whether it has ended or not.
#[derive(Debug)]
pub(super) struct BmcTask {
    /// Its path.
    pub path: String,
    /// Where it is followed.
    pub monitor: String,
    /// What it changes, where the BMC tells.
    pub target: Option<String>,
    /// What was asked of it, where the BMC tells.
    pub body: String,
}

/// The paths of all tasks that the BMC remembers.
pub(super) async fn task_paths(access: &Access) -> Result<Vec<String>> {
    let root = access.bmc.root().await?;
    let Some(service) = ServiceRoot(&root).tasks() else { return Ok(Vec::new()) };
    let service = access.bmc.find(service).await?;
    let Some(tasks) = service.as_ref().and_then(|service| json::link(&service.body, &["Tasks"])) else {
        return Ok(Vec::new());
    };
    Ok(access.bmc.find_members(tasks).await?.unwrap_or_default())
}

/// The tasks that are not among those `known`. Of a service that looks after several systems, those that do not tell what
/// they change are left out: they may be of any of them.
pub(super) async fn new_tasks(access: &Access, known: &[String]) -> Result<Vec<BmcTask>> {
    let mut found = Vec::new();
    let several = access.has_other_systems().await?;
    for path in task_paths(access).await?.into_iter().filter(|path| !known.contains(path)) {
        found.extend(access.bmc.find(&path).await?.map(|task| read(&task)));
    }
    found.retain(|task: &BmcTask| task.target.is_some() || !several);
    Ok(found)
}

fn read(task: &Resource) -> BmcTask {
    BmcTask {
        path: task.path.clone(),
        monitor: json::link(&task.body, &["TaskMonitor"]).unwrap_or(&task.path).to_owned(),
        target: json::text(&task.body, &["Payload", "TargetUri"]).map(str::to_owned),
        body: json::text(&task.body, &["Payload", "JsonBody"]).unwrap_or_default().to_owned(),
    }
}

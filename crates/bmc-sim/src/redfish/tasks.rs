//! TaskService, tasks and task monitors (DSP0266, "Asynchronous operations").

use actix_web::HttpResponse;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::web::Path;
use serde_json::{Value, json};

use super::answer::{Answer, Ask, collection, done, healthy, link};
use super::refusal::Refusal;
use crate::fleet::Fleet;
use crate::task::Task;

const TASKS: &str = "/redfish/v1/TaskService/Tasks";
const MONITORS: &str = "/redfish/v1/TaskService/TaskMonitors";

pub(super) async fn service(ask: Ask) -> Answer {
    ask.resource(json!({
        "@odata.id": "/redfish/v1/TaskService",
        "@odata.type": "#TaskService.v1_2_1.TaskService",
        "Id": "TaskService",
        "Name": "Task service",
        "ServiceEnabled": true,
        "CompletedTaskOverWritePolicy": "Oldest",
        "Status": healthy(),
        "Tasks": link(TASKS),
    }))
}

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.tasks.ids().iter().map(|id| format!("{TASKS}/{id}")).collect();
    ask.resource(collection(TASKS, "TaskCollection", "Tasks", members))
}

pub(super) async fn show(ask: Ask, id: Path<u64>) -> Answer {
    let task = ask.fleet.tasks.find(*id).ok_or_else(|| Refusal::missing(ask.request.path()))?;
    ask.resource(render(*id, &task))
}

/// While the task runs the monitor says 202; then it gives the answer the action would have given.
pub(super) async fn monitor(ask: Ask, id: Path<u64>) -> Answer {
    let task = ask.fleet.tasks.find(*id).ok_or_else(|| Refusal::missing(ask.request.path()))?;
    match task.ended {
        None => Ok(accepted(&ask.fleet, *id)),
        Some(ended) => match ended.failure {
            None => Ok(done()),
            Some(failure) => Err(Refusal::told(409, &failure)),
        },
    }
}

/// The answer to an action that became a task.
pub(super) fn accepted(fleet: &Fleet, id: u64) -> HttpResponse {
    let body = fleet.tasks.find(id).map(|task| render(id, &task));
    HttpResponse::Accepted()
        .insert_header(("OData-Version", "4.0"))
        .insert_header((LOCATION, format!("{MONITORS}/{id}")))
        .insert_header((RETRY_AFTER, "1"))
        .json(body)
}

fn render(id: u64, task: &Task) -> Value {
    let (state, status, percent) = match &task.ended {
        None => (task.state, "OK", 50),
        Some(ended) if ended.failure.is_none() => ("Completed", "OK", 100),
        Some(_) => ("Exception", "Critical", 100),
    };
    let mut body = json!({
        "@odata.id": format!("{TASKS}/{id}"),
        "@odata.type": "#Task.v1_7_4.Task",
        "Id": id.to_string(),
        "Name": task.name,
        "TaskState": state,
        "TaskStatus": status,
        "PercentComplete": percent,
        "StartTime": task.started_at,
        "TaskMonitor": format!("{MONITORS}/{id}"),
        "Messages": [],
    });
    if let Some(payload) = &task.payload {
        body["Payload"] = json!({
            "HttpOperation": payload.method,
            "TargetUri": payload.target,
            "JsonBody": payload.body,
        });
    }
    if let Some(ended) = &task.ended {
        body["EndTime"] = json!(ended.at);
        if let Some(failure) = &ended.failure {
            body["Messages"] = json!([{"MessageId": "Base.1.18.GeneralError", "Message": failure}]);
        }
    }
    body
}

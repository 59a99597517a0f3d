//! The service root and what surrounds it.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use uuid::Uuid;

use super::answer::{Answer, Ask, link};
use super::message;
use super::refusal::Refusal;

/// Query parameters this service understands.
const QUERIES: &[&str] = &["$skip"];

pub(super) async fn versions() -> HttpResponse {
    HttpResponse::Ok().json(json!({"v1": "/redfish/v1/"}))
}

pub(super) async fn show(ask: Ask) -> Answer {
    let service = Uuid::new_v5(&Uuid::NAMESPACE_URL, ask.fleet.base_url.as_bytes());
    ask.resource(json!({
        "@odata.id": "/redfish/v1",
        "@odata.type": "#ServiceRoot.v1_16_0.ServiceRoot",
        "Id": "RootService",
        "Name": "Simulated management service",
        "RedfishVersion": "1.18.0",
        "UUID": service,
        "Vendor": "Ferric",
        "Product": "Ferric BMC simulator",
        "ProtocolFeaturesSupported": {
            "FilterQuery": false,
            "SelectQuery": false,
            "OnlyMemberQuery": false,
            "ExpandQuery": {"ExpandAll": false, "Levels": false, "Links": false, "NoLinks": false},
        },
        "Systems": link("/redfish/v1/Systems"),
        "Managers": link("/redfish/v1/Managers"),
        "Chassis": link("/redfish/v1/Chassis"),
        "SessionService": link("/redfish/v1/SessionService"),
        "Tasks": link("/redfish/v1/TaskService"),
        "EventService": link("/redfish/v1/EventService"),
        "UpdateService": link("/redfish/v1/UpdateService"),
        "Registries": link("/redfish/v1/Registries"),
        "Links": {"Sessions": link("/redfish/v1/SessionService/Sessions")},
    }))
}

pub(super) async fn odata() -> HttpResponse {
    let services = ["Systems", "Managers", "Chassis", "SessionService", "EventService", "UpdateService"];
    let entries =
        services.map(|name| json!({"name": name, "kind": "Singleton", "url": format!("/redfish/v1/{name}")}));
    HttpResponse::Ok()
        .insert_header(("OData-Version", "4.0"))
        .json(json!({"@odata.context": "/redfish/v1/$metadata", "value": entries}))
}

/// Refuses protocol query parameters that are not advertised (DSP0266, "Query parameters").
pub(crate) fn refuse_query(request: &HttpRequest) -> Option<Refusal> {
    if !request.path().starts_with("/redfish") {
        return None;
    }
    let unsupported = request.query_string().split('&').find_map(|pair| {
        let name = pair.split('=').next().unwrap_or_default().replace("%24", "$");
        (name.starts_with('$') && !QUERIES.contains(&name.as_str())).then_some(name)
    })?;
    Some(Refusal::new(&message::QUERY, &[&unsupported]))
}

//! A Redfish client just good enough to drive the simulator.

use ferric_bmc_sim::Simulator;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

pub struct Bmc {
    pub http: Client,
    pub base: String,
}

impl Bmc {
    pub fn of(simulator: &Simulator) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder().no_proxy().build().unwrap();
        Self { http, base: simulator.base_url().to_owned() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).basic_auth("admin", Some("password"))
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.request(Method::POST, path).json(&body).send().await.unwrap();
        (response.status(), body_of(response).await)
    }

    pub async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.request(Method::PATCH, path).json(&body).send().await.unwrap();
        (response.status(), body_of(response).await)
    }

    pub async fn reset(&self, system: &str, kind: &str) -> StatusCode {
        let target = self.get(system).await["Actions"]["#ComputerSystem.Reset"]["target"].clone();
        self.post(target.as_str().unwrap(), json!({"ResetType": kind})).await.0
    }

    /// The slot whose media types contain this one, found by following links from the system.
    pub async fn slot(&self, system: &str, media_type: &str) -> Value {
        let system = self.get(system).await;
        let manager = self.get(link(&system["Links"]["ManagedBy"][0])).await;
        let slots = self.get(link(&manager["VirtualMedia"])).await;
        for member in slots["Members"].as_array().unwrap() {
            let slot = self.get(link(member)).await;
            if slot["MediaTypes"].as_array().unwrap().contains(&json!(media_type)) {
                return slot;
            }
        }
        panic!("no slot for {media_type}");
    }

    pub async fn insert(&self, system: &str, image: &str) -> (StatusCode, Value) {
        let slot = self.slot(system, "CD").await;
        let target = slot["Actions"]["#VirtualMedia.InsertMedia"]["target"].as_str().unwrap().to_owned();
        self.post(&target, json!({"Image": image, "Inserted": true, "WriteProtected": true})).await
    }

    /// Inserts an image, asks for one boot from it and powers on.
    pub async fn boot_iso(&self, system: &str, image: &str) {
        assert_eq!(self.insert(system, image).await.0, StatusCode::NO_CONTENT);
        let boot = json!({"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"});
        assert_eq!(self.patch(system, json!({"Boot": boot})).await.0, StatusCode::NO_CONTENT);
        assert_eq!(self.reset(system, "On").await, StatusCode::NO_CONTENT);
    }
}

pub fn link(value: &Value) -> &str {
    value["@odata.id"].as_str().unwrap()
}

async fn body_of(response: reqwest::Response) -> Value {
    let bytes = response.bytes().await.unwrap();
    if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() }
}

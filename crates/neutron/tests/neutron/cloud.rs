//! A Neutron and a Keystone that remember what was asked of them.

use ferric_hardware::TaskView;
use ferric_model::action::Action;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_neutron::{Neutron, NeutronConfig};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// Both services.
#[derive(Debug, Clone)]
pub struct Cloud {
    pub url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
pub struct State {
    /// Ports by identity.
    pub ports: BTreeMap<String, Value>,
    /// Attributes of the only network, `net`.
    pub network: Value,
    /// Method and path of each request.
    pub calls: Vec<String>,
    /// Bodies of the requests that had one.
    pub bodies: Vec<Value>,
    /// Headers of the last request, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Statuses that the next requests to Neutron are answered with instead.
    pub troubles: VecDeque<u16>,
    /// How many ports may be made before making one is refused.
    pub most_ports: Option<usize>,
    /// The only token that Neutron takes; none takes anybody.
    pub token: Option<String>,
    /// How many tokens were given.
    pub tokens: u32,
    /// How long tokens last, in seconds.
    pub token_secs: i64,
}

struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Value,
}

impl Cloud {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let network = json!({"id": "net", "provider:physical_network": "physnet1"});
        let state = State { network, token_secs: 3600, ..State::default() };
        let cloud = Self { url, state: Arc::new(Mutex::new(state)) };
        let serving = cloud.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let cloud = serving.clone();
                tokio::spawn(async move { cloud.serve(stream).await });
            }
        });
        cloud
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Adds a port that belongs to nobody.
    pub fn add_port(&self, id: &str) {
        let port =
            json!({"id": id, "network_id": "net", "mac_address": "fa:16:3e:00:00:01", "fixed_ips": []});
        self.state().ports.insert(id.to_owned(), port);
    }

    pub fn port(&self, id: &str) -> Value {
        self.state().ports[id].clone()
    }

    pub fn config(&self) -> NeutronConfig {
        NeutronConfig { endpoint: self.url.clone(), retry_pause_ms: 1, ..NeutronConfig::default() }
    }

    pub fn client(&self) -> Neutron {
        client(self.config())
    }

    /// Method and path of what was asked since the last time.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((request, headers)) = read(&mut stream).await else { return };
        let (status, extra, body) = {
            let mut state = self.state();
            state.calls.push(format!("{} {}", request.method, request.path));
            if !request.body.is_null() {
                state.bodies.push(request.body.clone());
            }
            state.headers = headers;
            if request.path == "/v3/auth/tokens" {
                state.give_token(&self.url)
            } else {
                state.answer(&request)
            }
        };
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{extra}\r\n",
            text.len()
        );
        // A client that went away is what some tests are about.
        drop(stream.write_all(format!("{head}{text}").as_bytes()).await);
    }
}

impl State {
    fn give_token(&mut self, url: &str) -> (u16, String, Value) {
        let user = &self.bodies.last().unwrap()["auth"]["identity"]["password"]["user"];
        if user["password"] != "s3cret" {
            return (
                401,
                String::new(),
                json!({"error": {"message": "The request you have made requires authentication."}}),
            );
        }
        self.tokens += 1;
        let token = format!("token-{}", self.tokens);
        self.token = Some(token.clone());
        let ends = time_text(self.token_secs);
        let endpoint = |region: &str, interface: &str, url: &str| json!({"region_id": region, "interface": interface, "url": url});
        let endpoints = [
            endpoint("Elsewhere", "internal", "http://127.0.0.1:1"),
            endpoint("RegionOne", "public", "http://127.0.0.1:1"),
            endpoint("RegionOne", "internal", &format!("{url}/v2.0/")),
        ];
        let body = json!({"token": {
            "issued_at": time_text(0), "expires_at": ends,
            "catalog": [{"type": "compute", "endpoints": []}, {"type": "network", "endpoints": endpoints}],
        }});
        (201, format!("X-Subject-Token: {token}\r\n"), body)
    }

    fn answer(&mut self, request: &Request) -> (u16, String, Value) {
        if let Some(status) = self.troubles.pop_front() {
            let said = json!({"NeutronError": {"type": "X", "message": "in trouble", "detail": ""}});
            return (status, String::new(), said);
        }
        if self.token.is_some() && self.headers.get("x-auth-token") != self.token.as_ref() {
            return (401, String::new(), json!({"error": {"message": "who are you"}}));
        }
        let path: Vec<&str> = request.path.trim_start_matches("/v2.0/").split('/').collect();
        let (status, body) = match (request.method.as_str(), path.as_slice()) {
            ("GET", ["networks", "net"]) => (200, json!({"network": self.network})),
            ("GET", ["networks"]) => {
                let asked = request.query.iter().any(|(key, value)| key == "name" && value == "the-net");
                (200, json!({"networks": if asked { vec![json!({"id": "net"})] } else { vec![] }}))
            }
            ("GET", ["subnets", id]) => (200, json!({"subnet": {"id": id, "segment_id": "seg"}})),
            ("GET", ["segments", _]) => (200, json!({"segment": {"physical_network": "physnet2"}})),
            ("GET", ["ports"]) => {
                let fits = |port: &&Value| {
                    ["network_id", "mac_address"].into_iter().all(|key| {
                        request.query.iter().any(|(name, value)| name == key && port[key] == value.as_str())
                    })
                };
                let ports: Vec<&Value> = self.ports.values().filter(fits).collect();
                (200, json!({"ports": ports}))
            }
            ("POST", ["ports"]) if self.most_ports.is_some_and(|most| self.ports.len() >= most) => {
                (409, json!({"NeutronError": {"type": "OverQuota", "message": "enough"}}))
            }
            ("POST", ["ports"]) => {
                let mut port = request.body["port"].clone();
                let id = format!("made-{}", self.ports.len());
                port["id"] = json!(id);
                self.ports.insert(id, port.clone());
                (201, json!({"port": port}))
            }
            (method, ["ports", id]) => match self.ports.get_mut(*id) {
                None => (404, json!({"NeutronError": {"type": "PortNotFound", "message": "no such port"}})),
                Some(port) if method == "PUT" => {
                    let changes: Map<String, Value> = request.body["port"].as_object().cloned().unwrap();
                    let bound = port["binding:host_id"].as_str().is_some_and(|host| !host.is_empty());
                    let frees = changes.get("binding:host_id") == Some(&json!(""));
                    if bound
                        && !frees
                        && changes.get("mac_address").is_some_and(|mac| *mac != port["mac_address"])
                    {
                        (409, json!({"NeutronError": {"type": "PortBound", "message": "the port is bound"}}))
                    } else {
                        port.as_object_mut().unwrap().extend(changes);
                        (200, json!({"port": port}))
                    }
                }
                Some(port) if method == "GET" => (200, json!({"port": port})),
                Some(_) => {
                    self.ports.remove(*id);
                    (204, Value::Null)
                }
            },
            _ => (404, json!({"NeutronError": {"message": "no such path"}})),
        };
        (status, String::new(), body)
    }
}

fn time_text(secs: i64) -> String {
    let time = time::OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(secs);
    time.format(&time::format_description::well_known::Rfc3339).unwrap()
}

async fn read(stream: &mut TcpStream) -> Option<(Request, BTreeMap<String, String>)> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse::<usize>().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = serde_json::from_slice(&bytes[head + 4..head + 4 + length]).unwrap_or(Value::Null);
    let url = url::Url::parse(&format!("http://x{target}")).unwrap();
    let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    let path = url.path().to_owned();
    Some((Request { method, path, query, body }, headers))
}

pub fn client(config: NeutronConfig) -> Neutron {
    // Whoever was first has installed it.
    drop(rustls::crypto::ring::default_provider().install_default());
    Neutron::new(config).unwrap()
}

/// A port of the node with a cable.
pub fn port(number: u128) -> Port {
    let mut port =
        Port::new(Uuid::from_u128(number), Uuid::from_u128(1), format!("52:54:00:00:00:{number:02x}"));
    port.detail.local_link_connection =
        json!({"switch_id": "aa:bb", "port_id": format!("eth{number}")}).as_object().cloned().unwrap();
    port
}

pub fn task(ports: Vec<Port>) -> TaskView {
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let node = Node::new(Uuid::from_u128(1), "fake-hardware", ProvisionState::Manageable, now);
    TaskView {
        task_id: Uuid::from_u128(2),
        action: Action::AttachVif,
        node,
        ports,
        portgroups: Vec::new(),
        inventory: None,
        boot_url: None,
        api_url: "http://127.0.0.1:1".to_owned(),
        instance_boot_url: None,
        taken_over: false,
    }
}

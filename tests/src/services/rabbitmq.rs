//! Virtual hosts on the test RabbitMQ, made and deleted over its management API.

use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::{endpoint, fail, unique_name};

const DEADLINE: Duration = Duration::from_secs(30);

/// A virtual host of its own, deleted with all its queues and connections when this value is dropped.
#[derive(Debug)]
pub struct RabbitVhost {
    api: Url,
    name: String,
    url: String,
}

impl RabbitVhost {
    /// Creates one on the broker that `FERRIC_TEST_AMQP_URL` and `FERRIC_TEST_RABBITMQ_API_URL` name; `None` where
    /// they name none.
    pub async fn create() -> Option<Self> {
        let mut url = parsed("FERRIC_TEST_AMQP_URL")?;
        let api = parsed("FERRIC_TEST_RABBITMQ_API_URL")?;
        let name = unique_name();
        url.set_path(&name);
        let vhost = Self { api, name, url: url.into() };
        if let Err(error) = vhost.request("PUT", &format!("/api/vhosts/{}", vhost.name)) {
            fail("create a virtual host", error);
        }
        Some(vhost)
    }

    /// `amqp://…` of the new virtual host.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A prefix for names of queues and exchanges that nothing else uses.
    pub fn prefix(&self) -> &str {
        &self.name
    }

    /// Deletes the virtual host with everything that it holds, and makes it anew.
    pub fn empty(&self) -> Result<(), Error> {
        let path = format!("/api/vhosts/{}", self.name);
        self.request("DELETE", &path)?;
        self.request("PUT", &path)
    }

    /// One HTTP exchange on a connection of its own. Blocking, so that `Drop` can use it too: it takes some 20 ms.
    fn request(&self, method: &str, path: &str) -> Result<(), Error> {
        let host = self.api.host_str().unwrap_or("127.0.0.1");
        let port = self.api.port_or_known_default().unwrap_or(15672);
        let credentials =
            STANDARD.encode(format!("{}:{}", self.api.username(), self.api.password().unwrap_or("")));
        let mut stream = TcpStream::connect((host, port))?;
        stream.set_read_timeout(Some(DEADLINE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {host}:{port}\r\nAuthorization: Basic {credentials}\r\n\
             Content-Type: application/json\r\nContent-Length: 0\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer.split(' ').nth(1) {
            Some(status) if status.starts_with('2') => Ok(()),
            _ => Err(Error::other(format!(
                "{method} {path}: {}",
                answer.lines().next().unwrap_or("no answer")
            ))),
        }
    }
}

impl Drop for RabbitVhost {
    fn drop(&mut self) {
        if let Err(error) = self.request("DELETE", &format!("/api/vhosts/{}", self.name)) {
            eprintln!("virtual host {} is left behind: {error}", self.name);
        }
    }
}

fn parsed(variable: &str) -> Option<Url> {
    match Url::parse(&endpoint(variable)?) {
        Ok(url) => Some(url),
        Err(error) => fail(&format!("parse {variable}"), error),
    }
}

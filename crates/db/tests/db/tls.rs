//! Encrypted connections, against a PostgreSQL of the test's own that accepts no others.

use ferric_db::{DatabaseConfig, DbError, Store};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A private server, stopped with this value.
struct Server {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Directory of the server's programs, newest version first.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut bins: Vec<_> = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    bins.sort();
    bins.pop().map(|(_, bin)| bin)
}

impl Server {
    /// Starts one whose certificate is for `localhost` only; `None` where PostgreSQL is not installed.
    fn start(authority: &Authority) -> Option<Self> {
        let Some(bin) = programs() else {
            println!("skipped: PostgreSQL is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { bin, folder, port };
        server.own();
        server.run("initdb", &["-U", "postgres", "-A", "trust", "--no-sync", "-D"]);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        server.write("server.crt", &certificate.pem());
        server.write("server.key", &key.serialize_pem());
        server.write("pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n");
        server.write(
            "postgresql.auto.conf",
            &format!("port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nssl = on\nfsync = off\n"),
        );
        server.own();
        server.run("pg_ctl", &["-w", "-l", "/dev/null", "start", "-D"]);
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn write(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.data().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs a program of PostgreSQL on the data directory, as the user it insists on.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).arg(self.data()).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        assert!(command.status().unwrap().success(), "{command:?}");
    }

    fn own(&self) {
        if is_root() {
            let changed = Command::new("chown").args(["-R", "postgres"]).arg(self.folder.path()).status();
            assert!(changed.unwrap().success());
        }
    }

    async fn connect(&self, host: &str, parameters: &str) -> Result<Store, DbError> {
        let url = format!("postgres://postgres@{host}:{}/postgres{parameters}", self.port);
        Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-w", "-m", "immediate", "stop", "-D"]);
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn root_file(folder: &Path, name: &str, authority: &Authority) -> String {
    let path = folder.join(name);
    std::fs::write(&path, authority.pem()).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn a_certificate_is_judged_as_sslmode_says() {
    let (right, wrong) = (authority(), authority());
    let Some(server) = Server::start(&right) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) =
        (root_file(folder.path(), "right.pem", &right), root_file(folder.path(), "wrong.pem", &wrong));

    for (host, parameters) in [
        ("127.0.0.1", "?sslmode=require".to_owned()),
        ("127.0.0.1", format!("?sslmode=verify-ca&sslrootcert={right}")),
        ("localhost", format!("?sslrootcert={right}&sslmode=verify-full")),
    ] {
        if let Err(error) = server.connect(host, &parameters).await {
            panic!("{parameters}: {error}");
        }
    }
    // Were the failures of certificates taken for passing ones, each of these would try for half a minute.
    for (host, parameters, reason) in [
        ("127.0.0.1", String::new(), "no encryption"),
        ("127.0.0.1", "?sslmode=prefer".to_owned(), "no encryption"),
        ("127.0.0.1", format!("?sslmode=verify-full&sslrootcert={right}"), "not valid for name"),
        ("localhost", format!("?sslmode=verify-full&sslrootcert={wrong}"), "invalid peer certificate"),
        ("127.0.0.1", format!("?sslmode=verify-ca&sslrootcert={wrong}"), "invalid peer certificate"),
        ("127.0.0.1", format!("?sslmode=require&sslrootcert={wrong}"), "invalid peer certificate"),
    ] {
        let Err(error) = server.connect(host, &parameters).await else { panic!("{parameters} was accepted") };
        assert!(matches!(error, DbError::Unreachable { .. }), "{parameters}: {error}");
        let text = error.to_string();
        assert!(text.contains("database.url") && text.contains(reason), "{parameters}: {text}");
    }
}

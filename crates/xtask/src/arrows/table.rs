//! Who may depend on whom. Propose a new arrow with an entry in the `DECISIONS.md` of the crate that wants it.

/// A workspace package and the workspace packages that its code may use.
pub struct Row {
    pub package: &'static str,
    pub may_use: &'static [&'static str],
}

/// Directories below `crates/` whose package has no `ferric-` in front.
pub const UNPREFIXED: &[&str] = &["ferric", "xtask"];

/// The package of the system tests, which may use everything.
pub const TESTS: &str = "ferric-tests";

/// The simulator: whoever tests a Redfish client may use it as a dev-dependency.
pub const SIMULATOR: &str = "ferric-bmc-sim";

#[rustfmt::skip]
pub const ARROWS: &[Row] = &[
    Row { package: "ferric-model",     may_use: &[] },
    Row { package: "ferric-proto",     may_use: &["ferric-model"] },
    Row { package: "ferric-db",        may_use: &["ferric-model"] },
    Row { package: "ferric-bus",       may_use: &["ferric-model", "ferric-proto"] },
    Row { package: "ferric-control",   may_use: &["ferric-model", "ferric-db", "ferric-bus"] },
    Row { package: "ferric-api",       may_use: &["ferric-model", "ferric-proto", "ferric-control"] },
    Row { package: "ferric-hardware",  may_use: &["ferric-model"] },
    Row { package: "ferric-artifacts", may_use: &["ferric-model"] },
    Row { package: "ferric-boot",      may_use: &["ferric-model", "ferric-artifacts", "ferric-installer"] },
    Row { package: "ferric-redfish",   may_use: &["ferric-model", "ferric-hardware", "ferric-artifacts"] },
    Row { package: "ferric-agent",     may_use: &["ferric-model", "ferric-hardware", "ferric-artifacts"] },
    Row { package: "ferric-console",   may_use: &["ferric-model", "ferric-hardware"] },
    Row { package: "ferric-installer", may_use: &["ferric-model", "ferric-hardware", "ferric-artifacts"] },
    Row { package: "ferric-ipmi",      may_use: &["ferric-model", "ferric-hardware"] },
    Row { package: "ferric-neutron",   may_use: &["ferric-model", "ferric-hardware"] },
    Row { package: "ferric-conductor", may_use: &["ferric-model", "ferric-proto", "ferric-bus", "ferric-hardware"] },
    Row { package: "ferric-bmc-sim",   may_use: &[] },
    Row { package: "xtask",            may_use: &[] },
    Row { package: "ferric",           may_use: &[
        "ferric-model", "ferric-proto", "ferric-db", "ferric-bus", "ferric-control", "ferric-api", "ferric-hardware",
        "ferric-artifacts", "ferric-boot", "ferric-redfish", "ferric-console", "ferric-ipmi", "ferric-neutron", "ferric-agent", "ferric-installer",
        "ferric-conductor",
        // For `ferric demo` only, behind a feature: see DECISIONS.md of the crate.
        "ferric-bmc-sim",
    ] },
];

/// A library from outside and the only packages that may name it.
pub struct SoleUsers {
    pub library: &'static str,
    pub users: &'static [&'static str],
    pub reason: &'static str,
}

#[rustfmt::skip]
pub const SOLE_USERS: &[SoleUsers] = &[
    SoleUsers { library: "diesel",            users: &["ferric-db"], reason: "only db knows SQL" },
    SoleUsers { library: "diesel-async",      users: &["ferric-db"], reason: "only db knows SQL" },
    SoleUsers { library: "diesel_migrations", users: &["ferric-db"], reason: "only db knows SQL" },
    SoleUsers { library: "tokio-postgres",    users: &["ferric-db"], reason: "only db knows SQL" },
    SoleUsers { library: "libsqlite3-sys",    users: &["ferric-db"], reason: "only db knows SQL" },
    SoleUsers { library: "lapin",             users: &["ferric-bus"], reason: "only bus knows the broker" },
    SoleUsers { library: "actix-web",         users: &["ferric-api", "ferric-bmc-sim"], reason: "only the transports know HTTP servers" },
    SoleUsers { library: "axum",              users: &["ferric"], reason: "a conductor's health port and the demo's image server; the API is actix" },
    SoleUsers { library: "tonic",             users: &["ferric-proto", "ferric-api", "ferric-conductor", "ferric"], reason: "only the two ends of gRPC know it" },
    SoleUsers { library: "tonic-prost",       users: &["ferric-proto"], reason: "generated code lives in proto" },
    SoleUsers { library: "tonic-prost-build", users: &["ferric-proto"], reason: "generated code lives in proto" },
    SoleUsers { library: "protox",            users: &["ferric-proto"], reason: "generated code lives in proto" },
    SoleUsers { library: "redfish",           users: &["ferric-redfish"], reason: "only the hardware type speaks Redfish" },
    SoleUsers { library: "async-tftp",        users: &["ferric-boot"], reason: "only the boot service speaks TFTP" },
    SoleUsers { library: "fatfs",             users: &["ferric-artifacts"], reason: "only artifacts writes media" },
    SoleUsers { library: "config",            users: &["ferric"], reason: "only the composition root reads configuration" },
    SoleUsers { library: "clap",              users: &["ferric", "ferric-bmc-sim", "xtask"], reason: "only programs have a command line" },
    SoleUsers { library: "tracing-subscriber", users: &["ferric", "ferric-bmc-sim"], reason: "only programs decide where logs go" },
    SoleUsers { library: "anyhow",            users: &["ferric", "ferric-bmc-sim", "xtask"], reason: "libraries have typed errors" },
    SoleUsers { library: "cargo_metadata",    users: &["xtask"], reason: "only the checks look at the workspace" },
];

/// A library from outside that a package must not name, although others may.
pub struct Banned {
    pub package: &'static str,
    pub libraries: &'static [&'static str],
    pub reason: &'static str,
}

pub const BANNED: &[Banned] = &[Banned {
    package: "ferric-model",
    libraries: &["tokio", "futures", "async-trait", "reqwest", "tracing"],
    reason: "the domain does no I/O and is not async",
}];

/// Libraries that no package of the lockfile may bring in.
pub const BANNED_EVERYWHERE: &[(&str, &str)] = &[
    ("aws-lc-rs", "TLS is rustls with ring"),
    ("aws-lc-sys", "TLS is rustls with ring"),
    ("openssl", "TLS is rustls with ring"),
    ("openssl-sys", "TLS is rustls with ring"),
    ("native-tls", "TLS is rustls with ring"),
];

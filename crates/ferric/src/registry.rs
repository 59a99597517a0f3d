//! The hardware types of this build, put together.

use crate::config::Config;
use anyhow::Context;
use ferric_agent::{Agents, DeployKind};
use ferric_artifacts::image::Images;
use ferric_artifacts::source::{SourceConfig, Sources};
use ferric_console::{ConsoleHost, LauncherProgram, ipmitool_socat};
use ferric_hardware::network_boot::network_boot;
use ferric_hardware::{Generic, Registry, fake, manual};
use ferric_installer::Composer;
use ferric_ipmi::Ipmitool;
use ferric_neutron::Neutron;
use ferric_redfish::RedfishClients;
use std::sync::Arc;
use std::time::Duration;

/// The word that makes this program the launcher of a console.
pub const CONSOLE_LAUNCHER: &str = "console-launcher";

/// How long BMCs may take to be told that this process leaves. An orchestrator waits for the drain and not much longer.
const FAREWELL: Duration = Duration::from_secs(5);

/// This very program, as the launcher of consoles.
fn launcher() -> anyhow::Result<LauncherProgram> {
    let path = std::env::current_exe().context("the path of this program is not known")?;
    Ok(LauncherProgram { path, arguments: vec![CONSOLE_LAUNCHER.to_owned()] })
}

/// Hardware as this process speaks with it.
pub struct Hardware {
    /// The enabled hardware types with their enabled interfaces.
    pub registry: Arc<Registry>,
    redfish: Arc<RedfishClients>,
}

impl Hardware {
    /// Ends what hardware keeps open for this process, which speaks with none of it any more.
    pub async fn close(&self) {
        self.redfish.close(FAREWELL).await;
    }
}

/// Hardware as the configuration describes it.
pub fn hardware(config: &Config) -> anyhow::Result<Hardware> {
    let images = Images::new(SourceConfig::default(), config.images.clone())
        .context("the section 'images' of the configuration is not usable")?;
    let agents = Agents::new(config.agent.clone())
        .context("the section 'agent' of the configuration is not usable")?;
    let neutron = config.neutron.is_configured().then(|| Neutron::new(config.neutron.clone())).transpose();
    let neutron = neutron.context("the section 'neutron' of the configuration is not usable")?;
    let networks = neutron.map(|neutron| {
        vec![("flat", ferric_neutron::flat(neutron.clone())), ("neutron", ferric_neutron::neutron(neutron))]
    });
    let mut deploy = ferric_agent::deploy_interfaces(&agents, &images);
    let direct = deploy.iter().find(|(name, _)| *name == DeployKind::Direct.name());
    let direct =
        direct.map(|(_, direct)| Arc::clone(direct)).context("there is no deploy interface 'direct'")?;
    let sources = Sources::new(SourceConfig::default()).context("installers cannot be looked at")?;
    let composer = Composer::new(sources, config.installer.clone());
    deploy.push(("anaconda", ferric_installer::deploy_anaconda(composer, direct)));
    let generic = Generic {
        boot: network_boot(&config.dhcp),
        network: networks.unwrap_or_default(),
        deploy,
        inspect: vec![("agent", ferric_agent::inspect_agent())],
        raid: vec![("agent", ferric_agent::raid_agent(agents.clone()))],
        rescue: vec![("agent", ferric_agent::rescue_agent(agents))],
    };
    let redfish = RedfishClients::new(config.redfish.clone()).on_host(&config.conductor.host);
    let redfish = Arc::new(redfish);
    let consoles = ConsoleHost::new(config.console.clone(), launcher()?);
    let console = |serial| ("ipmitool-socat", ipmitool_socat(consoles.clone(), serial));
    let mut ipmi = ferric_ipmi::hardware_type(Ipmitool::new(config.ipmi.clone()), generic.clone());
    ipmi.console.push(console(ferric_ipmi::ipmi_serial()));
    let mut redfish_type = ferric_redfish::hardware_type(Arc::clone(&redfish), generic.clone());
    redfish_type.console.push(console(ferric_redfish::redfish_serial(Arc::clone(&redfish))));
    let all = Registry::default()
        .with(fake::hardware_type(generic.clone()))
        .with(manual::hardware_type(generic))
        .with(ipmi)
        .with(redfish_type);
    Ok(Hardware { registry: Arc::new(all.enable(&config.hardware)?), redfish })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::hardware::{InterfaceKind, find_hardware_type};

    #[test]
    fn with_neutron_nodes_are_flat_unless_they_say_otherwise() {
        crate::install_tls();
        let mut config = crate::config::load(None).unwrap();
        let networks = |config: &Config| {
            let offers = hardware(config).unwrap().registry.offers();
            offers["fake-hardware"].interfaces[&InterfaceKind::Network].clone()
        };
        assert_eq!(networks(&config), ["noop"]);
        config.neutron.endpoint = "http://127.0.0.1:9696".to_owned();
        assert_eq!(networks(&config), ["flat", "neutron", "noop"]);
    }

    #[test]
    fn every_implementation_stands_in_the_table_of_names() {
        crate::install_tls();
        let config = crate::config::load(None).unwrap();
        for (name, offer) in hardware(&config).unwrap().registry.offers() {
            let row = find_hardware_type(&name).expect(&name);
            for (kind, implementations) in offer.interfaces {
                for implementation in implementations {
                    assert!(
                        row.supported(kind).contains(&implementation.as_str()),
                        "{name}: {kind} {implementation}"
                    );
                }
            }
        }
    }
}

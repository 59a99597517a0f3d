//! The hardware types of this build, put together.

use crate::config::Config;
use anyhow::Context;
use ferric_agent::Agents;
use ferric_artifacts::source::{SourceConfig, Sources};
use ferric_hardware::network_boot::network_boot;
use ferric_hardware::{Generic, Registry, fake, manual};
use ferric_installer::Composer;
use ferric_ipmi::Ipmitool;
use ferric_neutron::Neutron;
use ferric_redfish::RedfishClients;
use std::sync::Arc;

/// The enabled hardware types with their enabled interfaces.
pub fn registry(config: &Config) -> anyhow::Result<Registry> {
    let sources = SourceConfig { file_roots: config.boot.file_roots.clone(), ..SourceConfig::default() };
    let sources = Sources::new(sources).context("the section 'boot' of the configuration is not usable")?;
    let agents = Agents::new(config.agent.clone())
        .context("the section 'agent' of the configuration is not usable")?;
    let neutron = config.neutron.is_configured().then(|| Neutron::new(config.neutron.clone())).transpose();
    let neutron = neutron.context("the section 'neutron' of the configuration is not usable")?;
    let networks = neutron.map(|neutron| {
        vec![("flat", ferric_neutron::flat(neutron.clone())), ("neutron", ferric_neutron::neutron(neutron))]
    });
    let direct = ferric_agent::deploy_direct(agents, sources.clone());
    let composer = Composer::new(sources, config.installer.clone());
    let anaconda = ferric_installer::deploy_anaconda(composer, Arc::clone(&direct));
    let generic = Generic {
        boot: network_boot(&config.dhcp),
        network: networks.unwrap_or_default(),
        deploy: vec![("direct", direct), ("anaconda", anaconda)],
        inspect: vec![("agent", ferric_agent::inspect_agent())],
    };
    let redfish = Arc::new(RedfishClients::new(config.redfish.clone()));
    let all = Registry::default()
        .with(fake::hardware_type(generic.clone()))
        .with(manual::hardware_type(generic.clone()))
        .with(ferric_ipmi::hardware_type(Ipmitool::new(config.ipmi.clone()), generic.clone()))
        .with(ferric_redfish::hardware_type(redfish, generic));
    Ok(all.enable(&config.hardware)?)
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
            let offers = registry(config).unwrap().offers();
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
        for (name, offer) in registry(&config).unwrap().offers() {
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

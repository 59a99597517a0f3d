//! Boot mode and secure boot around every boot interface: before something is booted, the firmware is set to start it the
//! way it is to be started.
//!
//! Source: `contract: boot-and-images` section 1.

use crate::{Boot, HardwareError, HardwareErrorKind, Management, TaskView};
use async_trait::async_trait;
use ferric_model::boot::{BootMode, secure_boot_wanted, wanted_boot_mode};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use std::sync::Arc;

/// Key of `driver_internal_info`: the boot mode that was set.
const CHOSEN: &str = "deploy_boot_mode";

/// A boot interface with the settings of the firmware.
#[derive(Debug)]
struct WithSettings {
    boot: Arc<dyn Boot>,
    management: Arc<dyn Management>,
}

/// The boot interface of a node, which sets its firmware by its management interface.
pub(crate) fn with_settings(boot: Arc<dyn Boot>, management: &Arc<dyn Management>) -> Arc<dyn Boot> {
    let boot = boot.over(management).unwrap_or(boot);
    Arc::new(WithSettings { boot, management: Arc::clone(management) })
}

impl WithSettings {
    /// Sets the boot mode that the node is to have, where it is known to have another one.
    async fn set_mode(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let node = &task.node;
        let Some(seen) = node.status.boot_mode.as_deref().and_then(BootMode::find) else {
            return wanted(node, BootMode::Uefi).map(|_| Observed::default());
        };
        let wanted = wanted(node, seen)?;
        if wanted == seen {
            return Ok(Observed::default());
        }
        match self.management.set_boot_mode(task, wanted.as_str()).await {
            Ok(mut observed) => {
                observed.boot_mode = Some(wanted.as_str().to_owned());
                observed.driver_internal_info.insert(CHOSEN.to_owned(), wanted.as_str().into());
                Ok(observed)
            }
            // Somebody else set it, or nobody can: the boot will show.
            Err(error) if error.kind == HardwareErrorKind::Unsupported => Ok(Observed::default()),
            Err(error) => Err(error),
        }
    }

    async fn set_secure_boot(&self, task: &TaskView, on: bool) -> Result<Observed, HardwareError> {
        if !secure_boot_wanted(&task.node) || task.node.status.secure_boot == Some(on) {
            return Ok(Observed::default());
        }
        let mut observed = self.management.set_secure_boot(task, on).await?;
        observed.secure_boot = Some(on);
        Ok(observed)
    }
}

fn wanted(node: &Node, seen: BootMode) -> Result<BootMode, HardwareError> {
    wanted_boot_mode(node, seen).map_err(|error| {
        HardwareError::invalid(error.to_string(), "correct the boot mode in one of the two places")
    })
}

/// What was seen first, completed by what was seen afterwards.
fn and(mut first: Observed, then: Observed) -> Observed {
    first.driver_internal_info.extend(then.driver_internal_info.clone());
    Observed {
        driver_internal_info: first.driver_internal_info,
        boot_mode: then.boot_mode.clone().or(first.boot_mode),
        secure_boot: then.secure_boot.or(first.secure_boot),
        ..then
    }
}

#[async_trait]
impl Boot for WithSettings {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        wanted(node, BootMode::Uefi)?;
        self.boot.validate(node)
    }

    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let mode = self.set_mode(task).await?;
        Ok(and(mode, self.boot.prepare_ramdisk(task).await?))
    }

    async fn clean_up_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.boot.clean_up_ramdisk(task).await
    }

    async fn prepare_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let mode = self.set_mode(task).await?;
        let prepared = self.boot.prepare_instance(task).await?;
        let secure = self.set_secure_boot(task, true).await?;
        Ok(and(and(mode, prepared), secure))
    }

    /// Secure boot goes with the instance that asked for it.
    async fn clean_up_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let cleaned = self.boot.clean_up_instance(task).await?;
        Ok(and(cleaned, self.set_secure_boot(task, false).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Steps;
    use crate::interface::BootDevice;
    use ferric_model::action::Action;
    use ferric_model::lifecycle::ProvisionState;
    use serde_json::json;
    use std::sync::Mutex;

    /// Notes what is asked of it.
    #[derive(Debug, Default)]
    struct Noted {
        asked: Mutex<Vec<String>>,
        supports_modes: bool,
    }

    impl Noted {
        fn note(&self, what: String) -> Result<Observed, HardwareError> {
            self.asked.lock().unwrap().push(what);
            Ok(Observed::default())
        }
    }

    impl Steps for Noted {}

    #[async_trait]
    impl Management for Noted {
        fn validate(&self, _: &Node) -> Result<(), HardwareError> {
            Ok(())
        }

        async fn get_boot_device(&self, _: &TaskView) -> Result<BootDevice, HardwareError> {
            Ok(BootDevice::default())
        }

        async fn set_boot_device(
            &self,
            _: &TaskView,
            device: &str,
            _: bool,
        ) -> Result<Observed, HardwareError> {
            self.note(device.to_owned())
        }

        async fn observe(&self, _: &TaskView) -> Result<Observed, HardwareError> {
            Ok(Observed::default())
        }

        async fn set_boot_mode(&self, _: &TaskView, mode: &str) -> Result<Observed, HardwareError> {
            match self.supports_modes {
                true => self.note(format!("mode {mode}")),
                false => Err(HardwareError::unsupported("no modes")),
            }
        }

        async fn set_secure_boot(&self, _: &TaskView, on: bool) -> Result<Observed, HardwareError> {
            self.note(format!("secure boot {on}"))
        }
    }

    fn task(properties: serde_json::Value, instance_info: serde_json::Value, seen: &str) -> TaskView {
        let epoch = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Deploying, epoch);
        node.spec.properties = properties.as_object().cloned().unwrap();
        node.spec.instance_info = instance_info.as_object().cloned().unwrap();
        node.status.boot_mode = Some(seen.to_owned()).filter(|seen| !seen.is_empty());
        TaskView {
            task_id: uuid::Uuid::nil(),
            action: Action::Deploy,
            node,
            ports: Vec::new(),
            portgroups: Vec::new(),
            inventory: None,
            boot_url: None,
            instance_boot_url: None,
            api_url: String::new(),
            taken_over: false,
        }
    }

    #[tokio::test]
    async fn the_firmware_is_set_before_something_is_booted() {
        let bios = json!({"capabilities": "boot_mode:bios"});
        let secure = json!({"capabilities": {"secure_boot": "true"}});
        let none = json!({});
        let cases = [
            (task(none.clone(), none.clone(), "bios"), true, vec![], None),
            (task(bios.clone(), none.clone(), "bios"), true, vec![], None),
            (task(bios.clone(), none.clone(), "uefi"), true, vec!["mode bios"], Some("bios")),
            (task(bios.clone(), none.clone(), "uefi"), false, vec![], None),
            (task(bios.clone(), none.clone(), ""), true, vec![], None),
            (task(none, secure.clone(), "bios"), true, vec!["mode uefi", "secure boot true"], Some("uefi")),
        ];
        for (task, supports_modes, asked, mode) in cases {
            let management = Arc::new(Noted { supports_modes, ..Noted::default() });
            let over: Arc<dyn Management> = management.clone();
            let boot = with_settings(Arc::new(crate::fake::FakeBoot), &over);
            let observed = boot.prepare_instance(&task).await.unwrap();
            assert_eq!(*management.asked.lock().unwrap(), asked, "{:?}", task.node.spec);
            assert_eq!(observed.boot_mode.as_deref(), mode);
        }
        let over: Arc<dyn Management> = Arc::new(Noted::default());
        let boot = with_settings(Arc::new(crate::fake::FakeBoot), &over);
        let refused = boot.prepare_ramdisk(&task(bios, secure, "uefi")).await.unwrap_err();
        assert_eq!(refused.kind, HardwareErrorKind::InvalidParameter);
    }
}

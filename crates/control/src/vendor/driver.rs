//! Vendor methods of hardware types: any living conductor that has the type carries them out.

use super::{VendorReply, VendorRequest, checked};
use crate::actor::RequestContext;
use crate::commit::new_id;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::failure_of;
use crate::policy::Rule;
use ferric_db::{Conn, DbError, driver_calls};
use ferric_model::conductor::DriverOffer;
use ferric_model::driver_call::DriverCall;
use ferric_model::hardware::InterfaceKind;
use ferric_model::report::Failure;
use ferric_model::task::TaskState;
use ferric_model::vendor::VendorMethod;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

impl Control {
    /// The vendor methods of a hardware type, as its preferred vendor interface has them.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when nobody offers the type.
    pub async fn list_driver_methods(
        &self,
        context: &RequestContext,
        driver: &str,
    ) -> Result<BTreeMap<String, VendorMethod>, ControlError> {
        let driver = self.driver_for(context, driver, Rule::DriverVendorPassthru).await?;
        Ok(preferred(&driver.offer).1)
    }

    /// Calls a vendor method of a hardware type.
    ///
    /// **Errors**: as [`Self::list_driver_methods`]; `Invalid` for a method that there is not, and for a call that it does not
    /// take or cannot carry out; `Hardware` when it failed, `Timeout` when it did not end in time.
    pub async fn call_driver_method(
        &self,
        context: &RequestContext,
        driver: &str,
        request: VendorRequest,
    ) -> Result<VendorReply, ControlError> {
        let offered = self.driver_for(context, driver, Rule::DriverVendorPassthru).await?;
        let (interface, methods) = preferred(&offered.offer);
        let is_async = checked(&methods, &request)?.is_async;
        let call = DriverCall {
            id: new_id(),
            conductor_group: self.group_with(driver, &interface).await?,
            driver: driver.to_owned(),
            interface,
            method: request.method,
            http_method: request.http_method,
            args: request.args,
            state: TaskState::Queued,
            claimed_by: None,
            result: None,
            created_at: self.now(),
        };
        let waiter = self.hub().wait_for(call.id);
        self.commit_driver_call(&call).await?;
        if is_async {
            return Ok(VendorReply::Accepted);
        }
        let deadline = Duration::from_secs(self.settings().sync_call_secs);
        // Whether the bell rang or the time is over, the database knows how the call stands.
        drop(tokio::time::timeout(deadline, waiter.rung()).await);
        let id = call.id;
        let ended = self.store().read(async |conn: &mut Conn| driver_calls::find(conn, id).await).await?;
        match ended {
            Some(call) if call.state == TaskState::Succeeded => {
                Ok(VendorReply::Done(call.result.unwrap_or_default()))
            }
            Some(call) if call.state == TaskState::Failed => Err(failure_of(call.result)),
            _ => Err(ControlError::Timeout(format!(
                "Timed out waiting for a reply to the method {} of driver {driver}.",
                call.method
            ))),
        }
    }

    /// Gives a call to a conductor; none when somebody else has it, or it is gone.
    pub async fn take_driver_call(
        &self,
        hostname: &str,
        incarnation: &str,
        id: Uuid,
    ) -> Result<Option<DriverCall>, ControlError> {
        if !self.is_registered(hostname, incarnation).await? {
            return Ok(None);
        }
        let taken = self
            .store()
            .write("take driver call", async |conn: &mut Conn| {
                if !driver_calls::take(conn, id, hostname).await? {
                    return Ok::<_, DbError>(None);
                }
                driver_calls::find(conn, id).await
            })
            .await?;
        Ok(taken)
    }

    /// Notes how a call ended and tells whoever waits for it; what comes from somebody else is ignored.
    pub async fn end_driver_call(
        &self,
        hostname: &str,
        id: Uuid,
        outcome: Result<Value, Failure>,
    ) -> Result<(), ControlError> {
        let (state, result) = match outcome {
            Ok(value) => (TaskState::Succeeded, value),
            Err(failure) => (TaskState::Failed, json!(failure)),
        };
        self.commit_driver_call_end(hostname, id, state, &result).await
    }

    /// The group of a living conductor that has this vendor interface for the hardware type.
    async fn group_with(&self, driver: &str, interface: &str) -> Result<String, ControlError> {
        let conductors = self.live_conductors().await?;
        let has = |offer: &DriverOffer| offer.vendor.contains_key(interface);
        conductors
            .iter()
            .find(|conductor| conductor.drivers.get(driver).is_some_and(has))
            .map(|conductor| conductor.conductor_group.clone())
            .ok_or_else(|| {
                ControlError::NoConductor(format!("No conductor has the driver {driver} any more."))
            })
    }
}

/// The preferred vendor interface with its methods for the hardware type.
fn preferred(offer: &DriverOffer) -> (String, BTreeMap<String, VendorMethod>) {
    let name = offer.interfaces.get(&InterfaceKind::Vendor).and_then(|names| names.first());
    let name = name.cloned().unwrap_or_default();
    let methods = offer.vendor.get(&name).map(|methods| methods.driver.clone()).unwrap_or_default();
    (name, methods)
}

//! What belongs to no node: calls of vendor methods of hardware types and the messages about them.

use super::task_ended;
use crate::control::Control;
use crate::error::ControlError;
use ferric_bus::{ENVELOPE_VERSION, encode_action, v1};
use ferric_db::{Conn, DbError, driver_calls, outbox};
use ferric_model::driver_call::DriverCall;
use ferric_model::outbox::{OutboxMessage, Route};
use ferric_model::task::TaskState;
use serde_json::Value;
use uuid::Uuid;

impl Control {
    /// Stores a call and sends a conductor to it.
    pub(crate) async fn commit_driver_call(&self, call: &DriverCall) -> Result<(), ControlError> {
        let now = self.now();
        let messages = [OutboxMessage {
            id: 0,
            route: Route::Action { conductor_group: call.conductor_group.clone() },
            payload: envelope(call),
        }];
        let left = self
            .store()
            .write("driver call", async |conn: &mut Conn| {
                driver_calls::insert(conn, call).await?;
                outbox::enqueue(conn, &messages, now).await
            })
            .await?;
        self.outbox_bell().ring(&left);
        Ok(())
    }

    /// Stores how a call ended and tells whoever waits for it; nothing happens when the call is not the conductor's.
    pub(crate) async fn commit_driver_call_end(
        &self,
        hostname: &str,
        id: Uuid,
        state: TaskState,
        result: &Value,
    ) -> Result<(), ControlError> {
        let now = self.now();
        let left = self
            .store()
            .write("end driver call", async |conn: &mut Conn| {
                if !driver_calls::end(conn, id, hostname, state, result).await? {
                    return Ok::<_, DbError>(Vec::new());
                }
                outbox::enqueue(conn, &[task_ended(id)], now).await
            })
            .await?;
        if !left.is_empty() {
            self.outbox_bell().ring(&left);
            self.hub().ring(id);
        }
        Ok(())
    }
}

fn envelope(call: &DriverCall) -> Vec<u8> {
    encode_action(&v1::ActionEnvelope {
        version: ENVELOPE_VERSION,
        traceparent: String::new(),
        work: Some(v1::action_envelope::Work::DriverCall(v1::DriverCallWork {
            call_id: call.id.to_string(),
            driver: call.driver.clone(),
            method: call.method.clone(),
        })),
    })
}

//! `ferric.v1.ConductorService`: registration, claims and reports of conductors.

use super::error::invalid;
use super::identity::ConductorIdentity;
use super::use_case::{json, run_to_end};
use ferric_control::{ClaimAnswer, Control, PowerReading};
use ferric_model::boot::BootPurpose;
use ferric_model::power::PowerState;
use ferric_proto::v1::conductor_service_server::ConductorService;
use ferric_proto::v1::{self, claim_response::Answer};
use ferric_proto::{failure_from_wire, report_from_wire};
use std::sync::Arc;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// The service over a control plane.
#[derive(Debug)]
pub(crate) struct Conductors {
    control: Arc<Control>,
    identity: ConductorIdentity,
}

impl Conductors {
    /// Serves `control` to those who are the conductors that they say to be.
    pub(crate) fn new(control: Arc<Control>, identity: ConductorIdentity) -> Self {
        Self { control, identity }
    }

    /// What a conductor asks, if it is the one that it says to be.
    fn asked<T: OfConductor>(&self, request: Request<T>) -> Result<T, Status> {
        self.identity.check_host(&request, request.get_ref().hostname())?;
        Ok(request.into_inner())
    }
}

#[tonic::async_trait]
impl ConductorService for Conductors {
    async fn join(&self, request: Request<v1::JoinRequest>) -> Result<Response<v1::JoinResponse>, Status> {
        let request = self.asked(request)?;
        let control = Arc::clone(&self.control);
        let _place = match control.admit().await {
            Err(wait) if request.can_wait => {
                let wait_ms = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
                return Ok(Response::new(v1::JoinResponse { wait_ms, ..v1::JoinResponse::default() }));
            }
            place => place.ok(),
        };
        let drivers =
            serde_json::from_str(&request.drivers_json).map_err(|error| invalid("drivers_json", &error))?;
        let terms = run_to_end(&self.control, |control| async move {
            control.join(&request.hostname, &request.conductor_group, &request.incarnation, drivers).await
        })
        .await?;
        let (lease_secs, renew_secs) = (terms.lease_secs, terms.renew_secs);
        Ok(Response::new(v1::JoinResponse { lease_secs, renew_secs, wait_ms: 0 }))
    }

    async fn renew(&self, request: Request<v1::RenewRequest>) -> Result<Response<v1::RenewResponse>, Status> {
        let request = self.asked(request)?;
        let leases = request
            .leases
            .iter()
            .map(|lease| Ok((identity("task_id", &lease.task_id)?, lease.epoch)))
            .collect::<Result<Vec<_>, Status>>()?;
        let held = run_to_end(&self.control, |control| async move {
            control.renew(&request.hostname, &request.incarnation, &leases).await
        })
        .await?;
        let known = held.is_some();
        let held = held.unwrap_or_default().iter().map(Uuid::to_string).collect();
        Ok(Response::new(v1::RenewResponse { held, known }))
    }

    async fn leave(&self, request: Request<v1::LeaveRequest>) -> Result<Response<v1::LeaveResponse>, Status> {
        let request = self.asked(request)?;
        run_to_end(&self.control, |control| async move {
            control.leave(&request.hostname, &request.incarnation).await
        })
        .await?;
        Ok(Response::new(v1::LeaveResponse {}))
    }

    async fn claim(&self, request: Request<v1::ClaimRequest>) -> Result<Response<v1::ClaimResponse>, Status> {
        let request = self.asked(request)?;
        let task_id = identity("task_id", &request.task_id)?;
        let answer = run_to_end(&self.control, |control| async move {
            control.claim(task_id, &request.hostname, &request.incarnation).await
        })
        .await?;
        let answer = match answer {
            ClaimAnswer::Refused(reason) => Answer::Refused(reason),
            ClaimAnswer::Later(reason) => Answer::Later(reason),
            ClaimAnswer::Granted(grant) => Answer::Claim(v1::Claim {
                epoch: grant.epoch,
                lease_ms: grant.lease_ms,
                action: grant.action.as_str().to_owned(),
                params_json: grant.params.to_string(),
                progress_json: if grant.progress.is_null() {
                    String::new()
                } else {
                    grant.progress.to_string()
                },
                node_json: json(&grant.node)?,
                ports_json: json(&grant.ports)?,
                portgroups_json: json(&grant.portgroups)?,
                inventory_json: grant.inventory.as_ref().map(json).transpose()?.unwrap_or_default(),
                boot_url: grant.boot_url.unwrap_or_default(),
                api_url: grant.api_url,
                taken_over: grant.taken_over,
                errands_json: if grant.errands.is_empty() { String::new() } else { json(&grant.errands)? },
                has_children: grant.has_children,
            }),
        };
        Ok(Response::new(v1::ClaimResponse { answer: Some(answer) }))
    }

    async fn report(
        &self,
        request: Request<v1::ReportRequest>,
    ) -> Result<Response<v1::ReportResponse>, Status> {
        let request = self.asked(request)?;
        let hostname = request.hostname.clone();
        let report =
            report_from_wire(request).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let node =
            run_to_end(&self.control, |control| async move { control.report(&hostname, &report).await })
                .await?;
        let node_json = node.as_deref().map(json).transpose()?.unwrap_or_default();
        Ok(Response::new(v1::ReportResponse { accepted: node.is_some(), node_json }))
    }

    async fn begin_boot(
        &self,
        request: Request<v1::BeginBootRequest>,
    ) -> Result<Response<v1::BeginBootResponse>, Status> {
        let request = self.asked(request)?;
        let task_id = identity("task_id", &request.task_id)?;
        let purpose =
            BootPurpose::find(&request.purpose).ok_or_else(|| invalid("purpose", &"no such purpose"))?;
        let begun = run_to_end(&self.control, |control| async move {
            control.begin_boot(&request.hostname, task_id, request.epoch, purpose).await
        })
        .await?;
        let accepted = begun.is_some();
        Ok(Response::new(v1::BeginBootResponse { accepted, boot_url: begun.unwrap_or_default() }))
    }

    async fn get_nodes(
        &self,
        request: Request<v1::GetNodesRequest>,
    ) -> Result<Response<v1::GetNodesResponse>, Status> {
        const MOST: usize = 500;
        let uuids = request.into_inner().node_uuids;
        if uuids.len() > MOST {
            return Err(Status::invalid_argument(format!("at most {MOST} nodes can be asked for at once")));
        }
        if self.control.is_overloaded() {
            return Err(Status::unavailable("the database has too much to do, ask again later"));
        }
        let uuids = uuids.iter().map(|text| identity("node_uuids", text)).collect::<Result<Vec<_>, _>>()?;
        let nodes =
            run_to_end(&self.control, |control| async move { control.get_nodes(&uuids).await }).await?;
        let nodes_json = nodes.iter().map(json).collect::<Result<_, _>>()?;
        Ok(Response::new(v1::GetNodesResponse { nodes_json }))
    }

    async fn report_power(
        &self,
        request: Request<v1::ReportPowerRequest>,
    ) -> Result<Response<v1::ReportPowerResponse>, Status> {
        let request = self.asked(request)?;
        let readings = request.readings.into_iter().map(reading).collect::<Result<Vec<_>, Status>>()?;
        let changed = run_to_end(&self.control, |control| async move {
            control.report_power(&request.hostname, &readings).await
        })
        .await?;
        Ok(Response::new(v1::ReportPowerResponse { changed }))
    }

    async fn take_driver_call(
        &self,
        request: Request<v1::TakeDriverCallRequest>,
    ) -> Result<Response<v1::TakeDriverCallResponse>, Status> {
        let request = self.asked(request)?;
        let id = identity("call_id", &request.call_id)?;
        let taken = run_to_end(&self.control, |control| async move {
            control.take_driver_call(&request.hostname, &request.incarnation, id).await
        })
        .await?;
        let call = taken
            .map(|call| {
                Ok::<_, Status>(v1::DriverCall {
                    args_json: json(&call.args)?,
                    driver: call.driver,
                    interface: call.interface,
                    method: call.method,
                    http_method: call.http_method,
                })
            })
            .transpose()?;
        Ok(Response::new(v1::TakeDriverCallResponse { call }))
    }

    async fn end_driver_call(
        &self,
        request: Request<v1::EndDriverCallRequest>,
    ) -> Result<Response<v1::EndDriverCallResponse>, Status> {
        use v1::end_driver_call_request::Outcome;
        let request = self.asked(request)?;
        let id = identity("call_id", &request.call_id)?;
        let outcome = match request.outcome {
            Some(Outcome::ResultJson(text)) => {
                Ok(serde_json::from_str(&text).map_err(|error| invalid("result_json", &error))?)
            }
            Some(Outcome::Failed(failed)) => Err(failure_from_wire(failed)),
            None => return Err(invalid("outcome", &"it is missing")),
        };
        run_to_end(&self.control, |control| async move {
            control.end_driver_call(&request.hostname, id, outcome).await
        })
        .await?;
        Ok(Response::new(v1::EndDriverCallResponse {}))
    }
}

/// A request in which a conductor says who it is.
trait OfConductor {
    fn hostname(&self) -> &str;
}

macro_rules! of_conductor {
    ($($request:ident),+) => {
        $(impl OfConductor for v1::$request {
            fn hostname(&self) -> &str {
                &self.hostname
            }
        })+
    };
}

of_conductor!(
    JoinRequest,
    RenewRequest,
    LeaveRequest,
    ClaimRequest,
    ReportRequest,
    ReportPowerRequest,
    TakeDriverCallRequest,
    EndDriverCallRequest,
    BeginBootRequest
);

fn reading(wire: v1::PowerReading) -> Result<PowerReading, Status> {
    let reading = match wire.failure {
        Some(failed) => Err(failure_from_wire(failed)),
        None if wire.power_state.is_empty() => Ok(None),
        None => Ok(Some(
            PowerState::find(&wire.power_state)
                .ok_or_else(|| invalid("power_state", &"no such power state"))?,
        )),
    };
    Ok(PowerReading {
        node_uuid: identity("node_uuid", &wire.node_uuid)?,
        generation: wire.generation,
        reading,
        health: wire.health,
    })
}

fn identity(field: &'static str, text: &str) -> Result<Uuid, Status> {
    text.parse().map_err(|error| invalid(field, &error))
}

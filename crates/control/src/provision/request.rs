//! Accepting a verb: the state machine decides whether it is legal, the node's new state and its task are committed
//! together.

use super::cleaning::AutomatedCleaning;
use super::rescue_password::HASHED_RESCUE_PASSWORD;
use super::templates::Templates;
use super::{abort, checks};
use crate::actor::RequestContext;
use crate::agent::wake;
use crate::begin::{begin_task, forget_ramdisk, no_conductor};
use crate::commit::{Change, Room, check_unlocked};
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use crate::history::entry;
use crate::policy::Rule;
use crate::report::{clear_failure, finish};
use ferric_db::{Conn, tasks};
use ferric_model::action::Action;
use ferric_model::conductor::Conductor;
use ferric_model::history::Severity;
use ferric_model::lifecycle::{ProvisionState, Verb, advance};
use ferric_model::node::Node;
use ferric_model::secret::Secret;
use ferric_model::step::Step;
use ferric_model::task::{Task, TaskState, params};
use serde_json::{Value, json};

/// What a caller asks for.
#[derive(Debug, Clone)]
pub struct ProvisionRequest {
    /// The verb.
    pub verb: Verb,
    /// Configuration drive for `active` and `rebuild`.
    pub configdrive: Option<Value>,
    /// Steps for `clean`.
    pub clean_steps: Option<Vec<Step>>,
    /// Steps for `active` and `rebuild`.
    pub deploy_steps: Option<Vec<Step>>,
    /// Steps for `service`.
    pub service_steps: Option<Vec<Step>>,
    /// Hash of the password for `rescue` ([`super::hash_rescue_password`]).
    pub rescue_password: Option<Secret<String>>,
    /// Whether to clean or service without the ramdisk.
    pub disable_ramdisk: bool,
    /// Whether the steps are those of a runbook that the caller may use on the node.
    pub by_runbook: bool,
}

/// What a decision about a verb needs besides the node.
struct Given<'a> {
    request: &'a ProvisionRequest,
    conductors: &'a [Conductor],
    templates: &'a Templates,
    cleaning: &'a AutomatedCleaning,
}

impl ProvisionRequest {
    /// A verb without arguments.
    pub fn of(verb: Verb) -> Self {
        Self {
            verb,
            configdrive: None,
            clean_steps: None,
            deploy_steps: None,
            service_steps: None,
            rescue_password: None,
            disable_ramdisk: false,
            by_runbook: false,
        }
    }
}

impl Control {
    /// Accepts a verb.
    ///
    /// **Errors**, in this order: `NotFound`; `Forbidden`; `Invalid` in maintenance; `NodeLocked` or `InvalidStateRequested` when the
    /// verb is not legal; the checks of the verb; `NoConductor`.
    pub async fn provision(
        &self,
        context: &RequestContext,
        ident: &str,
        request: &ProvisionRequest,
    ) -> Result<(), ControlError> {
        self.refuse_disallowed(request)?;
        let conductors = self.live_conductors().await?;
        let templates = self.templates_for(ident, request.verb).await?;
        let cleaning = self.automated_cleaning_of(ident, request.verb).await?;
        let given = Given { request, conductors: &conductors, templates: &templates, cleaning: &cleaning };
        self.decide(ident, |node, active| {
            let change = self.decide_provision(context, ident, &given, node, active)?;
            Ok((Some(change), ()))
        })
        .await?;
        Ok(())
    }

    fn decide_provision(
        &self,
        context: &RequestContext,
        ident: &str,
        given: &Given<'_>,
        before: Node,
        active: Vec<Task>,
    ) -> Result<Change, ControlError> {
        let Given { request, conductors, .. } = given;
        let verb = request.verb;
        self.authorize_node(context, ident, &before, Rule::NodeSetProvisionState)?;
        self.authorize_requested_steps(context, request, &before)?;
        checks::maintenance(verb, &before)?;
        let events = abort::events(verb, &before);
        let judged = events.iter().try_fold(before.provision, |at, event| advance(at, *event, Some(verb)));
        let provision = judged.map_err(|error| match check_unlocked(&before) {
            Err(locked) => locked,
            Ok(()) => ControlError::illegal(verb.as_str(), ident, &error),
        })?;
        checks::verb(request, &before, self.settings())?;
        check_unlocked(&before)?;
        if verb == Verb::Abort
            && let Some(change) = abort::after_step(&before)
        {
            return Ok(Change { item: context.operation_item, ..change });
        }
        let ended = active.iter().find(|task| task.state == TaskState::Parked).map(|task| task.action);
        let now = self.now();
        let mut change = Change { item: context.operation_item, ..Change::from(&before) };
        let node = &mut change.node;
        node.provision = provision;
        node.provision_updated_at = Some(now);
        change.events = events;
        // A ramdisk is not used again after something failed.
        if node.status.last_error.is_some() && before.state().is_stable() {
            forget_ramdisk(node);
        }
        clear_failure(node);
        let parked = active.into_iter().find(|task| task.state == TaskState::Parked);
        if verb == Verb::Unhold {
            // Nobody would ever take the lock away again.
            let parked = parked.ok_or_else(|| {
                ControlError::Invalid(format!(
                    "Node {ident} is held by no operation that could go on; abort it."
                ))
            })?;
            node.reservation = Some(pick_conductor(conductors, node).ok_or_else(|| no_conductor(node))?);
            change.save = Some(wake(parked));
        } else if let Some(mut parked) = parked {
            let fence = parked.fence();
            finish(&mut parked, node, TaskState::Failed, now);
            if verb == Verb::Abort {
                change.history.push(abort::explain(&before, node, &parked, now));
            } else {
                let event = format!(
                    "The {} was given up: '{}' was requested.",
                    parked.action.as_str(),
                    verb.as_str()
                );
                change.history.push(entry(&before, node, Some(&parked), Severity::Info, event, now));
            }
            change.save = Some((parked, fence));
        }
        store_request(request, node);
        if let Some((action, params)) = self.action_for(given, &before, ended)? {
            change.begin = Some(begin_task(self, conductors, context, &mut change.node, action, params)?);
            change.room = self.room_for(verb);
            if action == Action::Inspect {
                change.node.inspection_started_at = Some(now);
                change.node.status.inspection_finished_at = None;
            }
        }
        Ok(change)
    }

    /// The action of a verb with its arguments; none when the control plane has done everything already. `ended` is what the
    /// node waited in.
    fn action_for(
        &self,
        given: &Given<'_>,
        before: &Node,
        ended: Option<Action>,
    ) -> Result<Option<(Action, Value)>, ControlError> {
        let Given { request, templates, cleaning, .. } = given;
        let Some(action) = request.verb.action() else { return Ok(None) };
        let automated = || params::Clean {
            enabled: before.spec.automated_clean.unwrap_or(self.settings().automated_clean),
            steps: cleaning.steps.clone(),
            disable_ramdisk: cleaning.disable_ramdisk,
        };
        Ok(match request.verb {
            // Only a newly enrolled node is verified; from elsewhere `manage` is a change of state and nothing more.
            Verb::Manage => (before.state() == ProvisionState::Enroll).then_some((action, Value::Null)),
            Verb::Clean => {
                let (steps, disable_ramdisk) = (request.clean_steps.clone(), request.disable_ramdisk);
                Some((action, json!(params::Clean { enabled: true, steps, disable_ramdisk })))
            }
            Verb::Provide => Some((action, json!(automated()))),
            Verb::Deleted | Verb::Undeploy => {
                let rescued = before.state().is_of_rescue();
                Some((action, json!(params::TearDown { clean: automated(), rescued })))
            }
            Verb::Active | Verb::Deploy | Verb::Rebuild => {
                let rebuild = request.verb == Verb::Rebuild;
                let steps = templates.merge(before, request.deploy_steps.clone().unwrap_or_default())?;
                Some((action, json!(params::Deploy { rebuild, steps })))
            }
            Verb::Service => {
                let steps = request.service_steps.clone().unwrap_or_default();
                Some((action, json!(params::Service { steps, disable_ramdisk: request.disable_ramdisk })))
            }
            Verb::Abort => Some((action, json!(abort::clean_up(before, ended)))),
            _ => Some((action, Value::Null)),
        })
    }

    /// How much work like that of the verb may go on at once.
    fn room_for(&self, verb: Verb) -> Option<Room> {
        let (limit, actions, what) = match verb {
            Verb::Active | Verb::Deploy | Verb::Rebuild => {
                (self.settings().max_concurrent_deploys, &[Action::Deploy][..], "deployments")
            }
            Verb::Deleted | Verb::Undeploy | Verb::Clean => {
                (self.settings().max_concurrent_cleans, &[Action::TearDown, Action::Clean][..], "cleanings")
            }
            _ => return None,
        };
        let in_group = self.settings().max_concurrent_per_conductor_group;
        let refusal = format!("The limit of {limit} concurrent {what} has been reached, please retry later.");
        (limit > 0).then_some(Room { actions, limit, in_group, refusal })
    }

    /// How much more work like that of the verb may begin now, in the fullest conductor group where each has a limit; none when
    /// there is no limit.
    pub(crate) async fn capacity_left(&self, verb: Verb) -> Result<Option<i64>, ControlError> {
        let Some(Room { actions, limit, in_group, .. }) = self.room_for(verb) else { return Ok(None) };
        let count = async |conn: &mut Conn| match in_group {
            true => tasks::count_active_in_fullest_group(conn, actions).await,
            false => tasks::count_active_by_action(conn, actions).await,
        };
        Ok(Some(limit - self.store().read(count).await.map_err(ControlError::Database)?))
    }
}

/// Keeps what the request brought in the node.
fn store_request(request: &ProvisionRequest, node: &mut Node) {
    if let Some(configdrive) = &request.configdrive {
        node.spec.instance_info.insert("configdrive".to_owned(), configdrive.clone());
    }
    if let Some(password) = &request.rescue_password {
        node.spec.instance_info.insert(HASHED_RESCUE_PASSWORD.to_owned(), password.expose().as_str().into());
    }
}

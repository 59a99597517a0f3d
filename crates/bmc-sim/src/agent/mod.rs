//! What runs on a powered server: the firmware's boot, and an agent that speaks the ironic-python-agent protocol.

mod api;
mod boot;
mod command;
mod inventory;
mod iso;
mod kernel;
mod life;
mod logs;
mod program;
mod registry;
mod steps;
mod web;
mod work;
mod write_image;

pub(crate) use boot::boot;
pub(crate) use registry::Agent;
pub(crate) use web::routes;

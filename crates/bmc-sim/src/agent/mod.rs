//! What runs on a powered server: the firmware's boot, and an agent that speaks the ironic-python-agent protocol.

mod api;
mod boot;
mod command;
mod dhcp;
mod installer;
mod inventory;
mod iso;
mod kernel;
mod life;
mod loader;
mod logs;
mod network;
mod program;
mod registry;
mod steps;
mod tftp;
mod uki;
mod web;
mod work;
mod write_image;

pub(crate) use boot::boot;
pub(crate) use registry::Agent;
pub(crate) use web::routes;

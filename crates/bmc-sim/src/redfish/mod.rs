//! The Redfish service (DSP0266, DSP0268), one file per resource.

mod answer;
mod bios;
mod boot;
mod chassis;
mod ethernet;
mod events;
mod login;
mod managers;
mod message;
mod processors;
mod refusal;
mod reset;
mod root;
mod routes;
mod secure_boot;
mod sensors;
mod sessions;
mod storage;
mod systems;
mod tasks;
mod update;
mod virtual_media;
mod volumes;

pub(crate) use login::{is_authorized, needs_login};
pub(crate) use refusal::{Refusal, unknown_path};
pub(crate) use root::refuse_query;
pub(crate) use routes::routes;

//! Operations on many nodes: Ferric's own, in every microversion.

mod items;
mod resource;
mod stream;

pub(crate) use items::STATES;

use super::route::{Gate::Open, Route, route};

pub(crate) static ROUTES: [Route; 6] = [
    route!(Get "bulk" Open, &resource::LIST, Ignored, resource::list),
    route!(Post "bulk" Open, &[], Document, resource::post),
    route!(Get "bulk/{operation}" Open, &[], Ignored, resource::show),
    route!(Delete "bulk/{operation}" Open, &[], Ignored, resource::cancel),
    route!(Get "bulk/{operation}/items" Open, &items::LIST, Ignored, items::list),
    route!(Get "bulk/{operation}/stream" Open, &[], Ignored, stream::get),
];

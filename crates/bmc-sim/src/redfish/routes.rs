//! Which path is which resource.

use actix_web::web::{self, ServiceConfig, get, patch, post};
use actix_web::{Resource, Route};

use super::{
    bios, chassis, ethernet, events, managers, processors, refusal, reset, root, secure_boot, sensors,
    sessions, storage, systems, tasks, update, virtual_media, volumes,
};

/// A resource with its methods; all others are answered 405.
fn resource(path: &str, routes: impl IntoIterator<Item = Route>) -> Resource {
    let resource = web::resource(path).default_service(web::to(refusal::wrong_method));
    routes.into_iter().fold(resource, Resource::route)
}

pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .service(resource("/redfish", [get().to(root::versions)]))
        .service(resource("/redfish/v1", [get().to(root::show)]))
        .service(resource("/redfish/v1/odata", [get().to(root::odata)]))
        .service(web::scope("/redfish/v1/SessionService").configure(session_routes))
        .service(web::scope("/redfish/v1/TaskService").configure(task_routes))
        .service(web::scope("/redfish/v1/EventService").configure(event_routes))
        .service(web::scope("/redfish/v1/UpdateService").configure(update_routes))
        .service(web::scope("/redfish/v1/Registries").configure(registry_routes))
        .service(web::scope("/redfish/v1/Chassis").configure(chassis_routes))
        .service(web::scope("/redfish/v1/Managers").configure(manager_routes))
        .service(web::scope("/redfish/v1/Systems").configure(system_routes));
}

fn session_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(sessions::service)]))
        .service(resource("/Sessions", [get().to(sessions::list), post().to(sessions::open)]))
        .service(resource(
            "/Sessions/{session}",
            [get().to(sessions::show), web::delete().to(sessions::close)],
        ));
}

fn task_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(tasks::service)]))
        .service(resource("/Tasks", [get().to(tasks::list)]))
        .service(resource("/Tasks/{task}", [get().to(tasks::show)]))
        .service(resource("/TaskMonitors/{task}", [get().to(tasks::monitor)]));
}

fn event_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(events::service)]))
        .service(resource("/Subscriptions", [get().to(events::list), post().to(events::create)]))
        .service(resource(
            "/Subscriptions/{subscription}",
            [get().to(events::show), web::delete().to(events::delete)],
        ));
}

fn update_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(update::service)]))
        .service(resource("/Actions/UpdateService.SimpleUpdate", [post().to(update::simple_update)]))
        .service(resource("/FirmwareInventory", [get().to(update::list)]))
        .service(resource("/FirmwareInventory/{firmware}", [get().to(update::show)]));
}

fn registry_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(bios::list_registries)]))
        .service(resource("/{registry}", [get().to(bios::registry_file)]))
        .service(resource("/{registry}/registry.json", [get().to(bios::registry)]));
}

fn chassis_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(chassis::list)]))
        .service(resource("/{id}", [get().to(chassis::show)]))
        .service(resource("/{id}/Thermal", [get().to(sensors::thermal)]))
        .service(resource("/{id}/Power", [get().to(sensors::power)]))
        .service(resource("/{id}/NetworkAdapters", [get().to(chassis::adapters)]))
        .service(resource("/{id}/NetworkAdapters/{adapter}", [get().to(chassis::adapter)]));
}

fn manager_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(managers::list)]))
        .service(resource("/{id}", [get().to(managers::show), patch().to(managers::patch)]))
        .service(resource("/{id}/Actions/Manager.Reset", [post().to(managers::reset)]))
        .service(resource("/{id}/EthernetInterfaces", [get().to(managers::interfaces)]))
        .service(resource("/{id}/EthernetInterfaces/{nic}", [get().to(managers::interface)]))
        .service(resource("/{id}/VirtualMedia", [get().to(virtual_media::list)]))
        .service(resource("/{id}/VirtualMedia/{slot}", [get().to(virtual_media::show)]))
        .service(resource(
            "/{id}/VirtualMedia/{slot}/Actions/VirtualMedia.InsertMedia",
            [post().to(virtual_media::insert)],
        ))
        .service(resource(
            "/{id}/VirtualMedia/{slot}/Actions/VirtualMedia.EjectMedia",
            [post().to(virtual_media::eject)],
        ));
}

fn system_routes(service: &mut ServiceConfig) {
    service
        .service(resource("", [get().to(systems::list)]))
        .service(resource("/{id}", [get().to(systems::show), patch().to(systems::patch)]))
        .service(resource("/{id}/Actions/ComputerSystem.Reset", [post().to(reset::reset)]))
        .service(resource("/{id}/BIOS", [get().to(bios::show)]))
        .service(resource(
            "/{id}/BIOS/Settings",
            [get().to(bios::show_settings), patch().to(bios::patch_settings)],
        ))
        .service(resource("/{id}/BIOS/Actions/Bios.ResetBios", [post().to(bios::reset)]))
        .service(resource("/{id}/SecureBoot", [get().to(secure_boot::show), patch().to(secure_boot::patch)]))
        .service(resource(
            "/{id}/SecureBoot/Actions/SecureBoot.ResetKeys",
            [post().to(secure_boot::reset_keys)],
        ))
        .service(resource("/{id}/Processors", [get().to(processors::list)]))
        .service(resource("/{id}/Processors/{processor}", [get().to(processors::show)]))
        .service(resource("/{id}/EthernetInterfaces", [get().to(ethernet::list)]))
        .service(resource("/{id}/EthernetInterfaces/{nic}", [get().to(ethernet::show)]))
        .service(resource("/{id}/SimpleStorage", [get().to(storage::simple_list)]))
        .service(resource("/{id}/SimpleStorage/{unit}", [get().to(storage::simple)]))
        .service(resource("/{id}/Storage", [get().to(storage::list)]))
        .service(resource("/{id}/Storage/{unit}", [get().to(storage::show)]))
        .service(resource("/{id}/Storage/{unit}/Drives/{drive}", [get().to(storage::drive)]))
        .service(resource(
            "/{id}/Storage/{unit}/Volumes",
            [get().to(volumes::list), post().to(volumes::create)],
        ))
        .service(resource(
            "/{id}/Storage/{unit}/Volumes/{volume}",
            [get().to(volumes::show), web::delete().to(volumes::delete)],
        ));
}

//! Boot and deploy artefacts: boot ISO, images, configdrive

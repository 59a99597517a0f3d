//! The password of a rescue: only its hash is ever stored or handed on.

use crate::error::ControlError;
use ferric_model::secret::Secret;
use sha_crypt::{PasswordHasher, ShaCrypt};

/// Key of `instance_info` under which the hash lies while it is needed.
pub(crate) const HASHED_RESCUE_PASSWORD: &str = "hashed_rescue_password";

/// Makes the hash by which a ramdisk lets in whoever knows the password: SHA-512, as crypt(5) writes it.
///
/// **Errors**: `Invalid` for a password that no hash can be made of.
pub fn hash_rescue_password(password: &str) -> Result<Secret<String>, ControlError> {
    let salt: [u8; 12] = rand::random();
    let hashed = ShaCrypt::SHA512.hash_password_with_salt(password.as_bytes(), &salt);
    let hashed =
        hashed.map_err(|_| ControlError::Invalid("The rescue_password cannot be used.".to_owned()))?;
    Ok(Secret::new(hashed.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::hash_rescue_password;
    use sha_crypt::{PasswordHash, PasswordVerifier, ShaCrypt};

    #[test]
    fn whoever_knows_the_password_gets_in_and_no_two_hashes_are_alike() {
        let one = hash_rescue_password("let me in").unwrap();
        let other = hash_rescue_password("let me in").unwrap();
        assert!(one.expose().starts_with("$6$") && one.expose() != other.expose());
        let hash = PasswordHash::new(one.expose()).unwrap();
        assert!(ShaCrypt::SHA512.verify_password(b"let me in", &hash).is_ok());
        assert!(ShaCrypt::SHA512.verify_password(b"let me out", &hash).is_err());
    }
}

# A profile is validated before anything that depends on it is made: `depends_on = [terraform_data.enrollment_profile]`.
# terraform_data is part of Terraform 1.4 and later.
variable "profile" {
  type    = string
  default = "profiles/enrollment.mobileconfig"
}

resource "terraform_data" "enrollment_profile" {
  triggers_replace = filesha256(var.profile)

  provisioner "local-exec" {
    command     = "abm-validate \"$PROFILE\" --region eu-west"
    environment = { PROFILE = var.profile }
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_db_instance" "main" {
  engine            = "postgres"
  instance_class    = "db.t3.micro"
  storage_encrypted = false
}

module "db" {
  source = "./modules/db"
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "web"
  #checkov:skip=CKV_AWS_24:a bastion
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

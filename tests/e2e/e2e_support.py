"""Texts and types that the end-to-end tests share."""

from collections.abc import Callable
from typing import NamedTuple

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n'
OPEN_GROUP = """resource "aws_security_group" "web" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
CLOSED_GROUP = OPEN_GROUP.replace("0.0.0.0/0", "10.0.0.0/8")
POD = """apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: prod
spec:
  containers:
    - name: app
      image: example.com/app:1.0
      securityContext:
        allowPrivilegeEscalation: true
"""
ADMIN = "aws-vpc-security-group-ssh"


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]

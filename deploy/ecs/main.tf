# The nightly audit as a scheduled task of ECS Fargate. Everything that differs between organisations is a variable.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "image" {
  description = "The image by digest: registry/compliance-scan@sha256:..."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest."
  }
}

variable "vpc_id" {
  description = "The VPC in which the task runs."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets with a way to the AWS API (NAT or endpoints)."
  type        = list(string)
}

variable "audit_policy_json" {
  description = "What `compliance-scan permissions` prints."
  type        = string
}

variable "store_secret_arn" {
  description = "Secret that holds the history's URL."
  type        = string
}

variable "kms_key_arn" {
  description = "Customer-managed key for logs and results."
  type        = string
}


variable "schedule" {
  description = "When the audit runs."
  type        = string
  default     = "cron(17 2 * * ? *)"
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

resource "aws_ecs_cluster" "audit" {
  name = "compliance-scan"

  configuration {
    execute_command_configuration {
      kms_key_id = var.kms_key_arn
      logging    = "DEFAULT"
    }
  }

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/compliance-scan/audit"
  retention_in_days = 400
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_security_group" "audit" {
  name        = "compliance-scan-audit"
  description = "The nightly audit: nothing in, the AWS API and the history out."
  vpc_id      = var.vpc_id

  egress {
    description = "AWS API"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = var.tags
}

data "aws_iam_policy_document" "task_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "audit" {
  name                 = "compliance-scan-audit"
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  max_session_duration = 7200
  tags                 = var.tags
}

resource "aws_iam_policy" "audit" {
  name   = "compliance-scan-audit"
  policy = var.audit_policy_json
  tags   = var.tags
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.audit.name
  policy_arn = aws_iam_policy.audit.arn
}

data "aws_iam_policy_document" "execution" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.audit.arn}:*"]
  }
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.store_secret_arn]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role" "execution" {
  name               = "compliance-scan-execution"
  assume_role_policy = data.aws_iam_policy_document.task_trust.json
  tags               = var.tags
}

resource "aws_iam_policy" "execution" {
  name   = "compliance-scan-execution"
  policy = data.aws_iam_policy_document.execution.json
  tags   = var.tags
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = aws_iam_policy.execution.arn
}

resource "aws_ecs_task_definition" "audit" {
  family                   = "compliance-scan-audit"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 1024
  memory                   = 2048
  task_role_arn            = aws_iam_role.audit.arn
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([
    {
      name                   = "audit"
      image                  = var.image
      essential              = true
      privileged             = false
      user                   = "10001:10001"
      readonlyRootFilesystem = true
      command                = ["audit", "--no-progress"]
      secrets = [
        { name = "COMPLIANCE_SCAN_STORE", valueFrom = var.store_secret_arn }
      ]
      mountPoints = [
        { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }
      ]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.audit.name
          awslogs-region        = data.aws_region.current.region
          awslogs-stream-prefix = "audit"
        }
      }
    }
  ])

  volume {
    name = "tmp"
  }

  tags = var.tags
}

data "aws_iam_policy_document" "schedule_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "schedule" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = ["${aws_ecs_task_definition.audit.arn_without_revision}:*"]
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.audit.arn]
    }
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.audit.arn, aws_iam_role.execution.arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "compliance-scan-schedule"
  assume_role_policy = data.aws_iam_policy_document.schedule_trust.json
  tags               = var.tags
}

resource "aws_iam_policy" "schedule" {
  name   = "compliance-scan-schedule"
  policy = data.aws_iam_policy_document.schedule.json
  tags   = var.tags
}

resource "aws_iam_role_policy_attachment" "schedule" {
  role       = aws_iam_role.schedule.name
  policy_arn = aws_iam_policy.schedule.arn
}

resource "aws_scheduler_schedule" "nightly" {
  name                         = "compliance-scan-nightly"
  schedule_expression          = var.schedule
  schedule_expression_timezone = "UTC"
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 30
  }

  target {
    arn      = aws_ecs_cluster.audit.arn
    role_arn = aws_iam_role.schedule.arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.audit.arn
      launch_type         = "FARGATE"
      platform_version    = "LATEST"

      network_configuration {
        subnets          = var.subnet_ids
        security_groups  = [aws_security_group.audit.id]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 3600
    }
  }
}

# The role of the exporter with the least policy, for EKS Pod Identity, IRSA or an EC2 instance. docs/iam.md explains it.
# The actions stand in ../read.json and ../reconcile.json; `iam-policy` prints others, for adopted alarms for example.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}

variable "name" {
  description = "Name of the role and its policy."
  type        = string
  default     = "sagemaker-async-exporter"
}

variable "reconcile" {
  description = "Let the exporter enforce scaling policies too. Without it, it only reads."
  type        = bool
  default     = false
}

variable "policy" {
  description = "What `iam-policy` printed, instead of read.json or reconcile.json."
  type        = string
  default     = null
}

variable "trust" {
  description = "Who takes the role: pod-identity, irsa or ec2."
  type        = string
  default     = "pod-identity"

  validation {
    condition     = contains(["pod-identity", "irsa", "ec2"], var.trust)
    error_message = "Write pod-identity, irsa or ec2."
  }
}

variable "cluster_name" {
  description = "The EKS cluster; for pod-identity."
  type        = string
  default     = null
}

variable "oidc_provider_arn" {
  description = "ARN of the cluster's OIDC provider in IAM; for irsa."
  type        = string
  default     = null
}

variable "namespace" {
  description = "Namespace of the exporter; for pod-identity and irsa."
  type        = string
  default     = "monitoring"
}

variable "service_account" {
  description = "Service account of the exporter; for pod-identity and irsa."
  type        = string
  default     = "exporter-sagemaker-async-exporter"
}

data "aws_partition" "current" {}

locals {
  file   = "${path.module}/../${var.reconcile ? "reconcile" : "read"}.json"
  policy = coalesce(var.policy, replace(file(local.file), "arn:aws:", "arn:${data.aws_partition.current.partition}:"))

  # What stands behind oidc-provider/ in the ARN; the conditions of the trust begin with it.
  issuer = try(split("oidc-provider/", var.oidc_provider_arn)[1], "")

  trust = {
    pod-identity = {
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-name"           = var.cluster_name
          "aws:RequestTag/kubernetes-namespace"       = var.namespace
          "aws:RequestTag/kubernetes-service-account" = var.service_account
        }
      }
    }
    irsa = {
      Effect    = "Allow"
      Principal = { Federated = var.oidc_provider_arn }
      Action    = ["sts:AssumeRoleWithWebIdentity"]
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "system:serviceaccount:${var.namespace}:${var.service_account}"
        }
      }
    }
    ec2 = {
      Effect    = "Allow"
      Principal = { Service = "ec2.${data.aws_partition.current.dns_suffix}" }
      Action    = ["sts:AssumeRole"]
    }
  }
}

resource "aws_iam_role" "exporter" {
  name = var.name

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for name, statement in local.trust : statement if name == var.trust]
  })

  lifecycle {
    precondition {
      condition     = var.trust != "pod-identity" || var.cluster_name != null
      error_message = "pod-identity needs cluster_name."
    }
    precondition {
      condition     = var.trust != "irsa" || local.issuer != ""
      error_message = "irsa needs oidc_provider_arn."
    }
  }
}

resource "aws_iam_policy" "exporter" {
  name   = var.name
  policy = local.policy
}

resource "aws_iam_role_policy_attachment" "exporter" {
  role       = aws_iam_role.exporter.name
  policy_arn = aws_iam_policy.exporter.arn
}

resource "aws_eks_pod_identity_association" "exporter" {
  count = var.trust == "pod-identity" ? 1 : 0

  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.exporter.arn
}

resource "aws_iam_instance_profile" "exporter" {
  count = var.trust == "ec2" ? 1 : 0

  name = var.name
  role = aws_iam_role.exporter.name
}

output "role_arn" {
  description = "For IRSA: the annotation eks.amazonaws.com/role-arn of the service account."
  value       = aws_iam_role.exporter.arn
}

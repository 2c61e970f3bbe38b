/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated from the OpenAPI document of Kubernetes v1.36.3 by
 * tests/tools/schema_kubernetes.py; do not edit. The fields of every type that the
 * kinds at the end reach: S string, I integer, N number, B boolean, Q quantity, IS
 * integer or string, T time, D bytes, A anything, O an object by its index.
 */
#include "manifest/schema.h"

/* clang-format off */
#define A(n) {n, SCHEMA_ANY, SCHEMA_ONE, 0}
#define B(n) {n, SCHEMA_BOOLEAN, SCHEMA_ONE, 0}
#define I32_LIST(n) {n, SCHEMA_INTEGER32, SCHEMA_LIST, 0}
#define I32(n) {n, SCHEMA_INTEGER32, SCHEMA_ONE, 0}
#define I64_LIST(n) {n, SCHEMA_INTEGER64, SCHEMA_LIST, 0}
#define I64(n) {n, SCHEMA_INTEGER64, SCHEMA_ONE, 0}
#define IS(n) {n, SCHEMA_INT_OR_STRING, SCHEMA_ONE, 0}
#define Q_MAP(n) {n, SCHEMA_QUANTITY, SCHEMA_MAP, 0}
#define Q(n) {n, SCHEMA_QUANTITY, SCHEMA_ONE, 0}
#define S_LIST(n) {n, SCHEMA_STRING, SCHEMA_LIST, 0}
#define S_MAP(n) {n, SCHEMA_STRING, SCHEMA_MAP, 0}
#define S(n) {n, SCHEMA_STRING, SCHEMA_ONE, 0}
#define T(n) {n, SCHEMA_TIME, SCHEMA_ONE, 0}
#define O(n, i) {n, SCHEMA_OBJECT, SCHEMA_ONE, i}
#define O_LIST(n, i) {n, SCHEMA_OBJECT, SCHEMA_LIST, i}
#define O_MAP(n, i) {n, SCHEMA_OBJECT, SCHEMA_MAP, i}

const struct schema_field schema_fields[] = {
    /* 0 DaemonSet */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 16), A("status"),
    /* 1 Deployment */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 17), A("status"),
    /* 2 ReplicaSet */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 18), A("status"),
    /* 3 StatefulSet */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 19), A("status"),
    /* 4 autoscaling/v1.HorizontalPodAutoscaler */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 20), A("status"),
    /* 5 HorizontalPodAutoscaler */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 21), A("status"),
    /* 6 CronJob */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 22), A("status"),
    /* 7 Job */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 23), A("status"),
    /* 8 PodDisruptionBudget */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 24), A("status"),
    /* 9 PriorityClass */
    S("apiVersion"), S("description"), B("globalDefault"), S("kind"), O("metadata", 15),
    S("preemptionPolicy"), I32("value"),
    /* 10 LimitRange */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 25),
    /* 11 Namespace */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 26), A("status"),
    /* 12 Node */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 27), A("status"),
    /* 13 Pod */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 28), A("status"),
    /* 14 ResourceQuota */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 29), A("status"),
    /* 15 ObjectMeta */
    S_MAP("annotations"), T("creationTimestamp"), I64("deletionGracePeriodSeconds"),
    T("deletionTimestamp"), S_LIST("finalizers"), S("generateName"), I64("generation"),
    S_MAP("labels"), A("managedFields"), S("name"), S("namespace"), O_LIST("ownerReferences", 30),
    S("resourceVersion"), S("selfLink"), S("uid"),
    /* 16 DaemonSetSpec */
    I32("minReadySeconds"), I32("revisionHistoryLimit"), O("selector", 31), O("template", 32),
    O("updateStrategy", 33),
    /* 17 DeploymentSpec */
    I32("minReadySeconds"), B("paused"), I32("progressDeadlineSeconds"), I32("replicas"),
    I32("revisionHistoryLimit"), O("selector", 31), O("strategy", 34), O("template", 32),
    /* 18 ReplicaSetSpec */
    I32("minReadySeconds"), I32("replicas"), O("selector", 31), O("template", 32),
    /* 19 StatefulSetSpec */
    I32("minReadySeconds"), O("ordinals", 35), O("persistentVolumeClaimRetentionPolicy", 36),
    S("podManagementPolicy"), I32("replicas"), I32("revisionHistoryLimit"), O("selector", 31),
    S("serviceName"), O("template", 32), O("updateStrategy", 37),
    O_LIST("volumeClaimTemplates", 38),
    /* 20 autoscaling/v1.HorizontalPodAutoscalerSpec */
    I32("maxReplicas"), I32("minReplicas"), O("scaleTargetRef", 39),
    I32("targetCPUUtilizationPercentage"),
    /* 21 HorizontalPodAutoscalerSpec */
    O("behavior", 40), I32("maxReplicas"), O_LIST("metrics", 41), I32("minReplicas"),
    O("scaleTargetRef", 42),
    /* 22 CronJobSpec */
    S("concurrencyPolicy"), I32("failedJobsHistoryLimit"), O("jobTemplate", 43), S("schedule"),
    I64("startingDeadlineSeconds"), I32("successfulJobsHistoryLimit"), B("suspend"), S("timeZone"),
    /* 23 JobSpec */
    I64("activeDeadlineSeconds"), I32("backoffLimit"), I32("backoffLimitPerIndex"),
    S("completionMode"), I32("completions"), S("managedBy"), B("manualSelector"),
    I32("maxFailedIndexes"), I32("parallelism"), O("podFailurePolicy", 44),
    S("podReplacementPolicy"), O("selector", 31), O("successPolicy", 45), B("suspend"),
    O("template", 32), I32("ttlSecondsAfterFinished"),
    /* 24 PodDisruptionBudgetSpec */
    IS("maxUnavailable"), IS("minAvailable"), O("selector", 31), S("unhealthyPodEvictionPolicy"),
    /* 25 LimitRangeSpec */
    O_LIST("limits", 46),
    /* 26 NamespaceSpec */
    S_LIST("finalizers"),
    /* 27 NodeSpec */
    O("configSource", 47), S("externalID"), S("podCIDR"), S_LIST("podCIDRs"), S("providerID"),
    O_LIST("taints", 48), B("unschedulable"),
    /* 28 PodSpec */
    I64("activeDeadlineSeconds"), O("affinity", 49), B("automountServiceAccountToken"),
    O_LIST("containers", 50), O("dnsConfig", 51), S("dnsPolicy"), B("enableServiceLinks"),
    O_LIST("ephemeralContainers", 52), O_LIST("hostAliases", 53), B("hostIPC"), B("hostNetwork"),
    B("hostPID"), B("hostUsers"), S("hostname"), S("hostnameOverride"),
    O_LIST("imagePullSecrets", 54), O_LIST("initContainers", 50), S("nodeName"),
    S_MAP("nodeSelector"), O("os", 55), Q_MAP("overhead"), S("preemptionPolicy"), I32("priority"),
    S("priorityClassName"), O_LIST("readinessGates", 56), O_LIST("resourceClaims", 57),
    O("resources", 58), S("restartPolicy"), S("runtimeClassName"), S("schedulerName"),
    O_LIST("schedulingGates", 59), O("schedulingGroup", 60), O("securityContext", 61),
    S("serviceAccount"), S("serviceAccountName"), B("setHostnameAsFQDN"),
    B("shareProcessNamespace"), S("subdomain"), I64("terminationGracePeriodSeconds"),
    O_LIST("tolerations", 62), O_LIST("topologySpreadConstraints", 63), O_LIST("volumes", 64),
    /* 29 ResourceQuotaSpec */
    Q_MAP("hard"), O("scopeSelector", 65), S_LIST("scopes"),
    /* 30 OwnerReference */
    S("apiVersion"), B("blockOwnerDeletion"), B("controller"), S("kind"), S("name"), S("uid"),
    /* 31 LabelSelector */
    O_LIST("matchExpressions", 66), S_MAP("matchLabels"),
    /* 32 PodTemplateSpec */
    O("metadata", 15), O("spec", 28),
    /* 33 DaemonSetUpdateStrategy */
    O("rollingUpdate", 67), S("type"),
    /* 34 DeploymentStrategy */
    O("rollingUpdate", 68), S("type"),
    /* 35 StatefulSetOrdinals */
    I32("start"),
    /* 36 StatefulSetPersistentVolumeClaimRetentionPolicy */
    S("whenDeleted"), S("whenScaled"),
    /* 37 StatefulSetUpdateStrategy */
    O("rollingUpdate", 69), S("type"),
    /* 38 PersistentVolumeClaim */
    S("apiVersion"), S("kind"), O("metadata", 15), O("spec", 70), A("status"),
    /* 39 autoscaling/v1.CrossVersionObjectReference */
    S("apiVersion"), S("kind"), S("name"),
    /* 40 HorizontalPodAutoscalerBehavior */
    O("scaleDown", 71), O("scaleUp", 71),
    /* 41 MetricSpec */
    O("containerResource", 72), O("external", 73), O("object", 74), O("pods", 75),
    O("resource", 76), S("type"),
    /* 42 CrossVersionObjectReference */
    S("apiVersion"), S("kind"), S("name"),
    /* 43 JobTemplateSpec */
    O("metadata", 15), O("spec", 23),
    /* 44 PodFailurePolicy */
    O_LIST("rules", 77),
    /* 45 SuccessPolicy */
    O_LIST("rules", 78),
    /* 46 LimitRangeItem */
    Q_MAP("default"), Q_MAP("defaultRequest"), Q_MAP("max"), Q_MAP("maxLimitRequestRatio"),
    Q_MAP("min"), S("type"),
    /* 47 NodeConfigSource */
    O("configMap", 79),
    /* 48 Taint */
    S("effect"), S("key"), T("timeAdded"), S("value"),
    /* 49 Affinity */
    O("nodeAffinity", 80), O("podAffinity", 81), O("podAntiAffinity", 82),
    /* 50 Container */
    S_LIST("args"), S_LIST("command"), O_LIST("env", 83), O_LIST("envFrom", 84), S("image"),
    S("imagePullPolicy"), O("lifecycle", 85), O("livenessProbe", 86), S("name"),
    O_LIST("ports", 87), O("readinessProbe", 86), O_LIST("resizePolicy", 88), O("resources", 58),
    S("restartPolicy"), O_LIST("restartPolicyRules", 89), O("securityContext", 90),
    O("startupProbe", 86), B("stdin"), B("stdinOnce"), S("terminationMessagePath"),
    S("terminationMessagePolicy"), B("tty"), O_LIST("volumeDevices", 91),
    O_LIST("volumeMounts", 92), S("workingDir"),
    /* 51 PodDNSConfig */
    S_LIST("nameservers"), O_LIST("options", 93), S_LIST("searches"),
    /* 52 EphemeralContainer */
    S_LIST("args"), S_LIST("command"), O_LIST("env", 83), O_LIST("envFrom", 84), S("image"),
    S("imagePullPolicy"), O("lifecycle", 85), O("livenessProbe", 86), S("name"),
    O_LIST("ports", 87), O("readinessProbe", 86), O_LIST("resizePolicy", 88), O("resources", 58),
    S("restartPolicy"), O_LIST("restartPolicyRules", 89), O("securityContext", 90),
    O("startupProbe", 86), B("stdin"), B("stdinOnce"), S("targetContainerName"),
    S("terminationMessagePath"), S("terminationMessagePolicy"), B("tty"),
    O_LIST("volumeDevices", 91), O_LIST("volumeMounts", 92), S("workingDir"),
    /* 53 HostAlias */
    S_LIST("hostnames"), S("ip"),
    /* 54 LocalObjectReference */
    S("name"),
    /* 55 PodOS */
    S("name"),
    /* 56 PodReadinessGate */
    S("conditionType"),
    /* 57 PodResourceClaim */
    S("name"), S("resourceClaimName"), S("resourceClaimTemplateName"),
    /* 58 ResourceRequirements */
    O_LIST("claims", 94), Q_MAP("limits"), Q_MAP("requests"),
    /* 59 PodSchedulingGate */
    S("name"),
    /* 60 PodSchedulingGroup */
    S("podGroupName"),
    /* 61 PodSecurityContext */
    O("appArmorProfile", 95), I64("fsGroup"), S("fsGroupChangePolicy"), I64("runAsGroup"),
    B("runAsNonRoot"), I64("runAsUser"), S("seLinuxChangePolicy"), O("seLinuxOptions", 96),
    O("seccompProfile", 97), I64_LIST("supplementalGroups"), S("supplementalGroupsPolicy"),
    O_LIST("sysctls", 98), O("windowsOptions", 99),
    /* 62 Toleration */
    S("effect"), S("key"), S("operator"), I64("tolerationSeconds"), S("value"),
    /* 63 TopologySpreadConstraint */
    O("labelSelector", 31), S_LIST("matchLabelKeys"), I32("maxSkew"), I32("minDomains"),
    S("nodeAffinityPolicy"), S("nodeTaintsPolicy"), S("topologyKey"), S("whenUnsatisfiable"),
    /* 64 Volume */
    O("awsElasticBlockStore", 100), O("azureDisk", 101), O("azureFile", 102), O("cephfs", 103),
    O("cinder", 104), O("configMap", 105), O("csi", 106), O("downwardAPI", 107),
    O("emptyDir", 108), O("ephemeral", 109), O("fc", 110), O("flexVolume", 111), O("flocker", 112),
    O("gcePersistentDisk", 113), O("gitRepo", 114), O("glusterfs", 115), O("hostPath", 116),
    O("image", 117), O("iscsi", 118), S("name"), O("nfs", 119), O("persistentVolumeClaim", 120),
    O("photonPersistentDisk", 121), O("portworxVolume", 122), O("projected", 123),
    O("quobyte", 124), O("rbd", 125), O("scaleIO", 126), O("secret", 127), O("storageos", 128),
    O("vsphereVolume", 129),
    /* 65 ScopeSelector */
    O_LIST("matchExpressions", 130),
    /* 66 LabelSelectorRequirement */
    S("key"), S("operator"), S_LIST("values"),
    /* 67 RollingUpdateDaemonSet */
    IS("maxSurge"), IS("maxUnavailable"),
    /* 68 RollingUpdateDeployment */
    IS("maxSurge"), IS("maxUnavailable"),
    /* 69 RollingUpdateStatefulSetStrategy */
    IS("maxUnavailable"), I32("partition"),
    /* 70 PersistentVolumeClaimSpec */
    S_LIST("accessModes"), O("dataSource", 131), O("dataSourceRef", 132), O("resources", 133),
    O("selector", 31), S("storageClassName"), S("volumeAttributesClassName"), S("volumeMode"),
    S("volumeName"),
    /* 71 HPAScalingRules */
    O_LIST("policies", 134), S("selectPolicy"), I32("stabilizationWindowSeconds"), Q("tolerance"),
    /* 72 ContainerResourceMetricSource */
    S("container"), S("name"), O("target", 135),
    /* 73 ExternalMetricSource */
    O("metric", 136), O("target", 135),
    /* 74 ObjectMetricSource */
    O("describedObject", 42), O("metric", 136), O("target", 135),
    /* 75 PodsMetricSource */
    O("metric", 136), O("target", 135),
    /* 76 ResourceMetricSource */
    S("name"), O("target", 135),
    /* 77 PodFailurePolicyRule */
    S("action"), O("onExitCodes", 137), O_LIST("onPodConditions", 138),
    /* 78 SuccessPolicyRule */
    I32("succeededCount"), S("succeededIndexes"),
    /* 79 ConfigMapNodeConfigSource */
    S("kubeletConfigKey"), S("name"), S("namespace"), S("resourceVersion"), S("uid"),
    /* 80 NodeAffinity */
    O_LIST("preferredDuringSchedulingIgnoredDuringExecution", 139),
    O("requiredDuringSchedulingIgnoredDuringExecution", 140),
    /* 81 PodAffinity */
    O_LIST("preferredDuringSchedulingIgnoredDuringExecution", 141),
    O_LIST("requiredDuringSchedulingIgnoredDuringExecution", 142),
    /* 82 PodAntiAffinity */
    O_LIST("preferredDuringSchedulingIgnoredDuringExecution", 141),
    O_LIST("requiredDuringSchedulingIgnoredDuringExecution", 142),
    /* 83 EnvVar */
    S("name"), S("value"), O("valueFrom", 143),
    /* 84 EnvFromSource */
    O("configMapRef", 144), S("prefix"), O("secretRef", 145),
    /* 85 Lifecycle */
    O("postStart", 146), O("preStop", 146), S("stopSignal"),
    /* 86 Probe */
    O("exec", 147), I32("failureThreshold"), O("grpc", 148), O("httpGet", 149),
    I32("initialDelaySeconds"), I32("periodSeconds"), I32("successThreshold"), O("tcpSocket", 150),
    I64("terminationGracePeriodSeconds"), I32("timeoutSeconds"),
    /* 87 ContainerPort */
    I32("containerPort"), S("hostIP"), I32("hostPort"), S("name"), S("protocol"),
    /* 88 ContainerResizePolicy */
    S("resourceName"), S("restartPolicy"),
    /* 89 ContainerRestartRule */
    S("action"), O("exitCodes", 151),
    /* 90 SecurityContext */
    B("allowPrivilegeEscalation"), O("appArmorProfile", 95), O("capabilities", 152),
    B("privileged"), S("procMount"), B("readOnlyRootFilesystem"), I64("runAsGroup"),
    B("runAsNonRoot"), I64("runAsUser"), O("seLinuxOptions", 96), O("seccompProfile", 97),
    O("windowsOptions", 99),
    /* 91 VolumeDevice */
    S("devicePath"), S("name"),
    /* 92 VolumeMount */
    S("mountPath"), S("mountPropagation"), S("name"), B("readOnly"), S("recursiveReadOnly"),
    S("subPath"), S("subPathExpr"),
    /* 93 PodDNSConfigOption */
    S("name"), S("value"),
    /* 94 ResourceClaim */
    S("name"), S("request"),
    /* 95 AppArmorProfile */
    S("localhostProfile"), S("type"),
    /* 96 SELinuxOptions */
    S("level"), S("role"), S("type"), S("user"),
    /* 97 SeccompProfile */
    S("localhostProfile"), S("type"),
    /* 98 Sysctl */
    S("name"), S("value"),
    /* 99 WindowsSecurityContextOptions */
    S("gmsaCredentialSpec"), S("gmsaCredentialSpecName"), B("hostProcess"), S("runAsUserName"),
    /* 100 AWSElasticBlockStoreVolumeSource */
    S("fsType"), I32("partition"), B("readOnly"), S("volumeID"),
    /* 101 AzureDiskVolumeSource */
    S("cachingMode"), S("diskName"), S("diskURI"), S("fsType"), S("kind"), B("readOnly"),
    /* 102 AzureFileVolumeSource */
    B("readOnly"), S("secretName"), S("shareName"),
    /* 103 CephFSVolumeSource */
    S_LIST("monitors"), S("path"), B("readOnly"), S("secretFile"), O("secretRef", 54), S("user"),
    /* 104 CinderVolumeSource */
    S("fsType"), B("readOnly"), O("secretRef", 54), S("volumeID"),
    /* 105 ConfigMapVolumeSource */
    I32("defaultMode"), O_LIST("items", 153), S("name"), B("optional"),
    /* 106 CSIVolumeSource */
    S("driver"), S("fsType"), O("nodePublishSecretRef", 54), B("readOnly"),
    S_MAP("volumeAttributes"),
    /* 107 DownwardAPIVolumeSource */
    I32("defaultMode"), O_LIST("items", 154),
    /* 108 EmptyDirVolumeSource */
    S("medium"), Q("sizeLimit"),
    /* 109 EphemeralVolumeSource */
    O("volumeClaimTemplate", 155),
    /* 110 FCVolumeSource */
    S("fsType"), I32("lun"), B("readOnly"), S_LIST("targetWWNs"), S_LIST("wwids"),
    /* 111 FlexVolumeSource */
    S("driver"), S("fsType"), S_MAP("options"), B("readOnly"), O("secretRef", 54),
    /* 112 FlockerVolumeSource */
    S("datasetName"), S("datasetUUID"),
    /* 113 GCEPersistentDiskVolumeSource */
    S("fsType"), I32("partition"), S("pdName"), B("readOnly"),
    /* 114 GitRepoVolumeSource */
    S("directory"), S("repository"), S("revision"),
    /* 115 GlusterfsVolumeSource */
    S("endpoints"), S("path"), B("readOnly"),
    /* 116 HostPathVolumeSource */
    S("path"), S("type"),
    /* 117 ImageVolumeSource */
    S("pullPolicy"), S("reference"),
    /* 118 ISCSIVolumeSource */
    B("chapAuthDiscovery"), B("chapAuthSession"), S("fsType"), S("initiatorName"), S("iqn"),
    S("iscsiInterface"), I32("lun"), S_LIST("portals"), B("readOnly"), O("secretRef", 54),
    S("targetPortal"),
    /* 119 NFSVolumeSource */
    S("path"), B("readOnly"), S("server"),
    /* 120 PersistentVolumeClaimVolumeSource */
    S("claimName"), B("readOnly"),
    /* 121 PhotonPersistentDiskVolumeSource */
    S("fsType"), S("pdID"),
    /* 122 PortworxVolumeSource */
    S("fsType"), B("readOnly"), S("volumeID"),
    /* 123 ProjectedVolumeSource */
    I32("defaultMode"), O_LIST("sources", 156),
    /* 124 QuobyteVolumeSource */
    S("group"), B("readOnly"), S("registry"), S("tenant"), S("user"), S("volume"),
    /* 125 RBDVolumeSource */
    S("fsType"), S("image"), S("keyring"), S_LIST("monitors"), S("pool"), B("readOnly"),
    O("secretRef", 54), S("user"),
    /* 126 ScaleIOVolumeSource */
    S("fsType"), S("gateway"), S("protectionDomain"), B("readOnly"), O("secretRef", 54),
    B("sslEnabled"), S("storageMode"), S("storagePool"), S("system"), S("volumeName"),
    /* 127 SecretVolumeSource */
    I32("defaultMode"), O_LIST("items", 153), B("optional"), S("secretName"),
    /* 128 StorageOSVolumeSource */
    S("fsType"), B("readOnly"), O("secretRef", 54), S("volumeName"), S("volumeNamespace"),
    /* 129 VsphereVirtualDiskVolumeSource */
    S("fsType"), S("storagePolicyID"), S("storagePolicyName"), S("volumePath"),
    /* 130 ScopedResourceSelectorRequirement */
    S("operator"), S("scopeName"), S_LIST("values"),
    /* 131 TypedLocalObjectReference */
    S("apiGroup"), S("kind"), S("name"),
    /* 132 TypedObjectReference */
    S("apiGroup"), S("kind"), S("name"), S("namespace"),
    /* 133 VolumeResourceRequirements */
    Q_MAP("limits"), Q_MAP("requests"),
    /* 134 HPAScalingPolicy */
    I32("periodSeconds"), S("type"), I32("value"),
    /* 135 MetricTarget */
    I32("averageUtilization"), Q("averageValue"), S("type"), Q("value"),
    /* 136 MetricIdentifier */
    S("name"), O("selector", 31),
    /* 137 PodFailurePolicyOnExitCodesRequirement */
    S("containerName"), S("operator"), I32_LIST("values"),
    /* 138 PodFailurePolicyOnPodConditionsPattern */
    A("status"), S("type"),
    /* 139 PreferredSchedulingTerm */
    O("preference", 157), I32("weight"),
    /* 140 NodeSelector */
    O_LIST("nodeSelectorTerms", 157),
    /* 141 WeightedPodAffinityTerm */
    O("podAffinityTerm", 142), I32("weight"),
    /* 142 PodAffinityTerm */
    O("labelSelector", 31), S_LIST("matchLabelKeys"), S_LIST("mismatchLabelKeys"),
    O("namespaceSelector", 31), S_LIST("namespaces"), S("topologyKey"),
    /* 143 EnvVarSource */
    O("configMapKeyRef", 158), O("fieldRef", 159), O("fileKeyRef", 160),
    O("resourceFieldRef", 161), O("secretKeyRef", 162),
    /* 144 ConfigMapEnvSource */
    S("name"), B("optional"),
    /* 145 SecretEnvSource */
    S("name"), B("optional"),
    /* 146 LifecycleHandler */
    O("exec", 147), O("httpGet", 149), O("sleep", 163), O("tcpSocket", 150),
    /* 147 ExecAction */
    S_LIST("command"),
    /* 148 GRPCAction */
    I32("port"), S("service"),
    /* 149 HTTPGetAction */
    S("host"), O_LIST("httpHeaders", 164), S("path"), IS("port"), S("scheme"),
    /* 150 TCPSocketAction */
    S("host"), IS("port"),
    /* 151 ContainerRestartRuleOnExitCodes */
    S("operator"), I32_LIST("values"),
    /* 152 Capabilities */
    S_LIST("add"), S_LIST("drop"),
    /* 153 KeyToPath */
    S("key"), I32("mode"), S("path"),
    /* 154 DownwardAPIVolumeFile */
    O("fieldRef", 159), I32("mode"), S("path"), O("resourceFieldRef", 161),
    /* 155 PersistentVolumeClaimTemplate */
    O("metadata", 15), O("spec", 70),
    /* 156 VolumeProjection */
    O("clusterTrustBundle", 165), O("configMap", 166), O("downwardAPI", 167),
    O("podCertificate", 168), O("secret", 169), O("serviceAccountToken", 170),
    /* 157 NodeSelectorTerm */
    O_LIST("matchExpressions", 171), O_LIST("matchFields", 171),
    /* 158 ConfigMapKeySelector */
    S("key"), S("name"), B("optional"),
    /* 159 ObjectFieldSelector */
    S("apiVersion"), S("fieldPath"),
    /* 160 FileKeySelector */
    S("key"), B("optional"), S("path"), S("volumeName"),
    /* 161 ResourceFieldSelector */
    S("containerName"), Q("divisor"), S("resource"),
    /* 162 SecretKeySelector */
    S("key"), S("name"), B("optional"),
    /* 163 SleepAction */
    I64("seconds"),
    /* 164 HTTPHeader */
    S("name"), S("value"),
    /* 165 ClusterTrustBundleProjection */
    O("labelSelector", 31), S("name"), B("optional"), S("path"), S("signerName"),
    /* 166 ConfigMapProjection */
    O_LIST("items", 153), S("name"), B("optional"),
    /* 167 DownwardAPIProjection */
    O_LIST("items", 154),
    /* 168 PodCertificateProjection */
    S("certificateChainPath"), S("credentialBundlePath"), S("keyPath"), S("keyType"),
    I32("maxExpirationSeconds"), S("signerName"), S_MAP("userAnnotations"),
    /* 169 SecretProjection */
    O_LIST("items", 153), S("name"), B("optional"),
    /* 170 ServiceAccountTokenProjection */
    S("audience"), I64("expirationSeconds"), S("path"),
    /* 171 NodeSelectorRequirement */
    S("key"), S("operator"), S_LIST("values"),
};

const struct schema_object schema_objects[] = {
    {"DaemonSet", 0, 5}, {"Deployment", 5, 5}, {"ReplicaSet", 10, 5}, {"StatefulSet", 15, 5},
    {"autoscaling/v1.HorizontalPodAutoscaler", 20, 5}, {"HorizontalPodAutoscaler", 25, 5},
    {"CronJob", 30, 5}, {"Job", 35, 5}, {"PodDisruptionBudget", 40, 5}, {"PriorityClass", 45, 7},
    {"LimitRange", 52, 4}, {"Namespace", 56, 5}, {"Node", 61, 5}, {"Pod", 66, 5},
    {"ResourceQuota", 71, 5}, {"ObjectMeta", 76, 15}, {"DaemonSetSpec", 91, 5},
    {"DeploymentSpec", 96, 8}, {"ReplicaSetSpec", 104, 4}, {"StatefulSetSpec", 108, 11},
    {"autoscaling/v1.HorizontalPodAutoscalerSpec", 119, 4},
    {"HorizontalPodAutoscalerSpec", 123, 5}, {"CronJobSpec", 128, 8}, {"JobSpec", 136, 16},
    {"PodDisruptionBudgetSpec", 152, 4}, {"LimitRangeSpec", 156, 1}, {"NamespaceSpec", 157, 1},
    {"NodeSpec", 158, 7}, {"PodSpec", 165, 42}, {"ResourceQuotaSpec", 207, 3},
    {"OwnerReference", 210, 6}, {"LabelSelector", 216, 2}, {"PodTemplateSpec", 218, 2},
    {"DaemonSetUpdateStrategy", 220, 2}, {"DeploymentStrategy", 222, 2},
    {"StatefulSetOrdinals", 224, 1}, {"StatefulSetPersistentVolumeClaimRetentionPolicy", 225, 2},
    {"StatefulSetUpdateStrategy", 227, 2}, {"PersistentVolumeClaim", 229, 5},
    {"autoscaling/v1.CrossVersionObjectReference", 234, 3},
    {"HorizontalPodAutoscalerBehavior", 237, 2}, {"MetricSpec", 239, 6},
    {"CrossVersionObjectReference", 245, 3}, {"JobTemplateSpec", 248, 2},
    {"PodFailurePolicy", 250, 1}, {"SuccessPolicy", 251, 1}, {"LimitRangeItem", 252, 6},
    {"NodeConfigSource", 258, 1}, {"Taint", 259, 4}, {"Affinity", 263, 3}, {"Container", 266, 25},
    {"PodDNSConfig", 291, 3}, {"EphemeralContainer", 294, 26}, {"HostAlias", 320, 2},
    {"LocalObjectReference", 322, 1}, {"PodOS", 323, 1}, {"PodReadinessGate", 324, 1},
    {"PodResourceClaim", 325, 3}, {"ResourceRequirements", 328, 3}, {"PodSchedulingGate", 331, 1},
    {"PodSchedulingGroup", 332, 1}, {"PodSecurityContext", 333, 13}, {"Toleration", 346, 5},
    {"TopologySpreadConstraint", 351, 8}, {"Volume", 359, 31}, {"ScopeSelector", 390, 1},
    {"LabelSelectorRequirement", 391, 3}, {"RollingUpdateDaemonSet", 394, 2},
    {"RollingUpdateDeployment", 396, 2}, {"RollingUpdateStatefulSetStrategy", 398, 2},
    {"PersistentVolumeClaimSpec", 400, 9}, {"HPAScalingRules", 409, 4},
    {"ContainerResourceMetricSource", 413, 3}, {"ExternalMetricSource", 416, 2},
    {"ObjectMetricSource", 418, 3}, {"PodsMetricSource", 421, 2}, {"ResourceMetricSource", 423, 2},
    {"PodFailurePolicyRule", 425, 3}, {"SuccessPolicyRule", 428, 2},
    {"ConfigMapNodeConfigSource", 430, 5}, {"NodeAffinity", 435, 2}, {"PodAffinity", 437, 2},
    {"PodAntiAffinity", 439, 2}, {"EnvVar", 441, 3}, {"EnvFromSource", 444, 3},
    {"Lifecycle", 447, 3}, {"Probe", 450, 10}, {"ContainerPort", 460, 5},
    {"ContainerResizePolicy", 465, 2}, {"ContainerRestartRule", 467, 2},
    {"SecurityContext", 469, 12}, {"VolumeDevice", 481, 2}, {"VolumeMount", 483, 7},
    {"PodDNSConfigOption", 490, 2}, {"ResourceClaim", 492, 2}, {"AppArmorProfile", 494, 2},
    {"SELinuxOptions", 496, 4}, {"SeccompProfile", 500, 2}, {"Sysctl", 502, 2},
    {"WindowsSecurityContextOptions", 504, 4}, {"AWSElasticBlockStoreVolumeSource", 508, 4},
    {"AzureDiskVolumeSource", 512, 6}, {"AzureFileVolumeSource", 518, 3},
    {"CephFSVolumeSource", 521, 6}, {"CinderVolumeSource", 527, 4},
    {"ConfigMapVolumeSource", 531, 4}, {"CSIVolumeSource", 535, 5},
    {"DownwardAPIVolumeSource", 540, 2}, {"EmptyDirVolumeSource", 542, 2},
    {"EphemeralVolumeSource", 544, 1}, {"FCVolumeSource", 545, 5}, {"FlexVolumeSource", 550, 5},
    {"FlockerVolumeSource", 555, 2}, {"GCEPersistentDiskVolumeSource", 557, 4},
    {"GitRepoVolumeSource", 561, 3}, {"GlusterfsVolumeSource", 564, 3},
    {"HostPathVolumeSource", 567, 2}, {"ImageVolumeSource", 569, 2},
    {"ISCSIVolumeSource", 571, 11}, {"NFSVolumeSource", 582, 3},
    {"PersistentVolumeClaimVolumeSource", 585, 2}, {"PhotonPersistentDiskVolumeSource", 587, 2},
    {"PortworxVolumeSource", 589, 3}, {"ProjectedVolumeSource", 592, 2},
    {"QuobyteVolumeSource", 594, 6}, {"RBDVolumeSource", 600, 8}, {"ScaleIOVolumeSource", 608, 10},
    {"SecretVolumeSource", 618, 4}, {"StorageOSVolumeSource", 622, 5},
    {"VsphereVirtualDiskVolumeSource", 627, 4}, {"ScopedResourceSelectorRequirement", 631, 3},
    {"TypedLocalObjectReference", 634, 3}, {"TypedObjectReference", 637, 4},
    {"VolumeResourceRequirements", 641, 2}, {"HPAScalingPolicy", 643, 3}, {"MetricTarget", 646, 4},
    {"MetricIdentifier", 650, 2}, {"PodFailurePolicyOnExitCodesRequirement", 652, 3},
    {"PodFailurePolicyOnPodConditionsPattern", 655, 2}, {"PreferredSchedulingTerm", 657, 2},
    {"NodeSelector", 659, 1}, {"WeightedPodAffinityTerm", 660, 2}, {"PodAffinityTerm", 662, 6},
    {"EnvVarSource", 668, 5}, {"ConfigMapEnvSource", 673, 2}, {"SecretEnvSource", 675, 2},
    {"LifecycleHandler", 677, 4}, {"ExecAction", 681, 1}, {"GRPCAction", 682, 2},
    {"HTTPGetAction", 684, 5}, {"TCPSocketAction", 689, 2},
    {"ContainerRestartRuleOnExitCodes", 691, 2}, {"Capabilities", 693, 2}, {"KeyToPath", 695, 3},
    {"DownwardAPIVolumeFile", 698, 4}, {"PersistentVolumeClaimTemplate", 702, 2},
    {"VolumeProjection", 704, 6}, {"NodeSelectorTerm", 710, 2}, {"ConfigMapKeySelector", 712, 3},
    {"ObjectFieldSelector", 715, 2}, {"FileKeySelector", 717, 4},
    {"ResourceFieldSelector", 721, 3}, {"SecretKeySelector", 724, 3}, {"SleepAction", 727, 1},
    {"HTTPHeader", 728, 2}, {"ClusterTrustBundleProjection", 730, 5},
    {"ConfigMapProjection", 735, 3}, {"DownwardAPIProjection", 738, 1},
    {"PodCertificateProjection", 739, 7}, {"SecretProjection", 746, 3},
    {"ServiceAccountTokenProjection", 749, 3}, {"NodeSelectorRequirement", 752, 3},
};
const size_t schema_object_count = 172;

const struct schema_kind schema_kinds[] = {
    {"apps/v1", "DaemonSet", 0},
    {"apps/v1", "Deployment", 1},
    {"apps/v1", "ReplicaSet", 2},
    {"apps/v1", "StatefulSet", 3},
    {"autoscaling/v1", "HorizontalPodAutoscaler", 4},
    {"autoscaling/v2", "HorizontalPodAutoscaler", 5},
    {"batch/v1", "CronJob", 6},
    {"batch/v1", "Job", 7},
    {"policy/v1", "PodDisruptionBudget", 8},
    {"scheduling.k8s.io/v1", "PriorityClass", 9},
    {"v1", "LimitRange", 10},
    {"v1", "Namespace", 11},
    {"v1", "Node", 12},
    {"v1", "Pod", 13},
    {"v1", "ResourceQuota", 14},
};
const size_t schema_kind_count = 15;

using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>How each device's grain sees its connection, in the order of the batch.</summary>
[GenerateSerializer, Immutable, Alias("iot.acknowledge-batch-reply")]
public sealed record AcknowledgeBatchReply([property: Id(0)] ImmutableArray<AttachmentStanding> Standings);

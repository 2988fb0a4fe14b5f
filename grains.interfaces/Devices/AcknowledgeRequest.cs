using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>Messages that the device acknowledged on a connection.</summary>
[GenerateSerializer, Immutable, Alias("iot.acknowledge-request")]
public sealed record AcknowledgeRequest([property: Id(0)] Attachment Attachment, [property: Id(1)] ImmutableArray<string> MessageIds);

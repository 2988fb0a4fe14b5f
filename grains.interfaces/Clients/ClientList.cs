using System.Collections.Immutable;

namespace IotPlatform.Clients;

/// <summary>Connected clients.</summary>
[GenerateSerializer, Immutable, Alias("iot.client-list")]
public sealed record ClientList([property: Id(0)] ImmutableArray<ClientView> Clients);

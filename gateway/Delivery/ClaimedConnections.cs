using System.Collections.Immutable;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>What has been found out of connections whose devices may not have had a broadcast.</summary>
/// <param name="Missing">Their devices have not had it: it is written to them now.</param>
/// <param name="Unknown">That could not be found out.</param>
internal readonly record struct ClaimedConnections(ImmutableArray<MqttConnection> Missing, ImmutableArray<MqttConnection> Unknown);

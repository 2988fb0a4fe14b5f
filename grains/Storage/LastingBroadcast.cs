using System.Collections.Immutable;
using IotPlatform.Broadcasts;

namespace IotPlatform.Storage;

/// <summary>A broadcast that goes on after the devices that were online have been written to, as it is stored.</summary>
/// <param name="Receipt">Its receipt, as it was saved last.</param>
/// <param name="Message">The broadcast.</param>
/// <param name="Before">What had become of it by gateway when it was last opened again; empty where it never was.</param>
public sealed record LastingBroadcast(BroadcastReceipt Receipt, BroadcastMessage Message, ImmutableArray<GatewayTally> Before);

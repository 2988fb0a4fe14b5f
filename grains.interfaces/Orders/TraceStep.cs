namespace IotPlatform.Orders;

/// <summary>What happened to a packet.</summary>
[GenerateSerializer, Alias("iot.trace-step")]
public enum TraceStep
{
    /// <summary>It came from the client.</summary>
    Received,

    /// <summary>It was handed to the client's connection, which may not have had room for it.</summary>
    Sent,

    /// <summary>It was to be sent, and will not be.</summary>
    Dropped,

    /// <summary>The connection is gone.</summary>
    Closed,
}

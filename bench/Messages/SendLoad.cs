namespace IotPlatform.Bench.Messages;

/// <summary>How many messages to how many devices.</summary>
/// <param name="Devices">They get messages in turns.</param>
/// <param name="Messages">Those that are measured.</param>
/// <param name="WarmUp">The same before them.</param>
/// <param name="PayloadBytes">The length of a message.</param>
internal sealed record SendLoad(int Devices, int Messages, int WarmUp, int PayloadBytes)
{
    /// <summary>Streams, each on a connection of its own; a device's messages always take the same one.</summary>
    public required int Streams { get; init; }

    /// <summary>Whether callers give messages their ids, where they send them over streams; else the platform does.</summary>
    public bool HasOwnIds { get; init; } = true;

    /// <summary>Unanswered messages of a stream.</summary>
    public required int UnderWay { get; init; }

    /// <summary>Calls at a time where each message is one.</summary>
    public required int Callers { get; init; }

    /// <summary>Connections that the gRPC calls share.</summary>
    public required int Connections { get; init; }

    /// <summary>Messages a second, where they are sent at a pace.</summary>
    public required int PerSecond { get; init; }

    /// <summary>Devices a second that come online, where they come at a pace.</summary>
    public required int ConnectsPerSecond { get; init; }

    /// <summary>Without any answer or delivery for this long, what is still missing is taken as lost.</summary>
    public required TimeSpan Patience { get; init; }
}

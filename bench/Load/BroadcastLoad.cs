namespace IotPlatform.Bench.Load;

/// <summary>How many broadcasts to how many devices, and how many calls at a time.</summary>
internal sealed record BroadcastLoad(int Devices, int Broadcasts, int InFlight, int PayloadBytes, int Qos)
{
    /// <summary>Whether a broadcast must have reached every device before the next one is called.</summary>
    public bool OneAtATime => InFlight == 1;

    /// <summary>How long calls are made and measured; null when it is the number of broadcasts that counts.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>So many broadcasts come before those that are measured, the same number for every server, so that just-in-time compilers are done.</summary>
    public required int WarmUp { get; init; }

    /// <summary>The first of their names: no two fleets on one server meet.</summary>
    public char Letter { get; init; } = 'd';

    /// <summary>Devices beside these that are online and get the broadcasts too.</summary>
    public int Others { get; init; }

    /// <summary>Without any delivery for this long, what is still missing is taken as lost.</summary>
    public required TimeSpan Patience { get; init; }
}

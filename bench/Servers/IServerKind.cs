namespace IotPlatform.Bench.Servers;

/// <summary>A server that scenarios can run against.</summary>
internal interface IServerKind
{
    /// <summary>The value of <c>target</c> in result lines.</summary>
    string Name { get; }

    /// <summary>Why it cannot be run on this machine, or null when it can.</summary>
    string? WhyAbsent();

    /// <summary>Starts a process and waits until it serves.</summary>
    IServer Start();
}

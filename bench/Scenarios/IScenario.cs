namespace IotPlatform.Bench.Scenarios;

/// <summary>Something that can be measured. One class a scenario, listed in <see cref="ScenarioRegistry"/>.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>What it measures, in a line of <c>--help</c>.</summary>
    string Summary { get; }

    /// <summary>Its own options, a line each for <c>--help</c>.</summary>
    IReadOnlyList<string> Options { get; }

    /// <summary>
    /// Reads its options (calling <see cref="Arguments.RefuseUnread"/> after the last), measures, and writes one <c>key=value</c> line a target
    /// to <paramref name="output"/>. Answers false, after saying why on standard error, when something that must hold did not.
    /// </summary>
    Task<bool> RunAsync(Arguments arguments, TextWriter output);
}

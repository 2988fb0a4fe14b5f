using System.Collections.Concurrent;

namespace IotPlatform.Engine.Tests;

/// <summary>What a test and the grains it calls share, by grain key. Both engines run in the test's process, so this is a plain object.</summary>
public sealed class Board
{
    private readonly ConcurrentDictionary<(string Key, string Name), Gate> _gates = new();
    private readonly ConcurrentDictionary<string, Journal> _journals = new();
    private readonly ConcurrentDictionary<string, Meter> _meters = new();
    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task>> _activations = new();
    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task>> _deactivations = new();

    public Gate Gate(string key, string name = "") => _gates.GetOrAdd((key, name), static id => new Gate(id.Key, id.Name));

    public Journal Journal(string key) => _journals.GetOrAdd(key, static id => new Journal(id));

    public Meter Meter(string key) => _meters.GetOrAdd(key, static _ => new Meter());

    /// <summary>Sets what the grain of that key does in its next activations.</summary>
    public void OnActivate(string key, Func<CancellationToken, Task> activate) => _activations[key] = activate;

    /// <summary>Sets what the grain of that key does in its next deactivations.</summary>
    public void OnDeactivate(string key, Func<CancellationToken, Task> deactivate) => _deactivations[key] = deactivate;

    public Task ActivateAsync(string key, CancellationToken cancellationToken) =>
        _activations.TryGetValue(key, out var activate) ? activate(cancellationToken) : Task.CompletedTask;

    public Task DeactivateAsync(string key, CancellationToken cancellationToken) =>
        _deactivations.TryGetValue(key, out var deactivate) ? deactivate(cancellationToken) : Task.CompletedTask;
}

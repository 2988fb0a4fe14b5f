using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace IotPlatform.Embedded;

/// <summary>What the engine knows of a grain class.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _factory;

    public GrainClass(Type type)
    {
        Name = type.FullName ?? type.Name;
        Interfaces = [.. type.GetInterfaces().Where(i => i != typeof(IGrainWithStringKey) && typeof(IGrainWithStringKey).IsAssignableFrom(i))];
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        MaxLocalWorkers = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers;
        HasOnActivate = Overrides(type, nameof(Grain.OnActivateAsync));
        HasOnDeactivate = Overrides(type, nameof(Grain.OnDeactivateAsync));
        _factory = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);
    }

    public string Name { get; }

    public IReadOnlyList<Type> Interfaces { get; }

    public bool IsReentrant { get; }

    /// <summary>Activations a key of a stateless worker; null for an ordinary grain, which has one.</summary>
    public int? MaxLocalWorkers { get; }

    public bool HasOnActivate { get; }

    public bool HasOnDeactivate { get; }

    public static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && type.IsSubclassOf(typeof(Grain));

    public Grain Construct(IServiceProvider services) => (Grain)_factory(services, null);

    private static bool Overrides(Type type, string method) => type.GetMethod(method)!.DeclaringType != typeof(Grain);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Serialization.TypeSystem;

namespace IotPlatform.Hosting;

/// <summary>
/// Remembers which name each grain interface goes by. Orleans reads that from attributes, by reflection, whenever it is asked for a reference: for every message that is sent, and
/// every acknowledgement. Bounded by the number of interfaces.
/// </summary>
internal sealed class KnownInterfaceTypes(IServiceProvider services) : IGrainInterfaceTypeProvider
{
    private readonly ConcurrentDictionary<Type, GrainInterfaceType> _known = new();

    // Not before it is needed: it asks all providers, of which this is one.
    private readonly Lazy<GrainInterfaceTypeResolver> _others = new(() => new GrainInterfaceTypeResolver(
        services.GetServices<IGrainInterfaceTypeProvider>().Where(static provider => provider is not KnownInterfaceTypes),
        services.GetRequiredService<TypeConverter>()));

    /// <summary>Has this asked before Orleans' own, which are to be added later.</summary>
    public static void AddTo(IServiceCollection services) => services.AddSingleton<IGrainInterfaceTypeProvider, KnownInterfaceTypes>();

    /// <inheritdoc/>
    public bool TryGetGrainInterfaceType(Type type, out GrainInterfaceType grainInterfaceType)
    {
        grainInterfaceType = _known.GetOrAdd(type, static (type, others) => others.Value.GetGrainInterfaceType(type), _others);
        return true;
    }
}

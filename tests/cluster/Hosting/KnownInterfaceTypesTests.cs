using IotPlatform.Cluster.Tests.Hosts;
using IotPlatform.Devices;
using IotPlatform.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Serialization.TypeSystem;

namespace IotPlatform.Cluster.Tests.Hosting;

/// <summary>What is remembered of grain interfaces is what Orleans says of them, and is asked first.</summary>
public sealed class KnownInterfaceTypesTests(ClusterFixture cluster) : ClusterTest(cluster)
{
    [SkippableFact]
    public void Interfaces_GoByTheNamesThatOrleansGivesThem_InSilosAndGateways()
    {
        Type[] interfaces = [.. typeof(IDeviceGrain).Assembly.GetTypes().Where(static type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))];
        Assert.NotEmpty(interfaces);
        foreach (var services in new[] { Cluster.Silo.Services, A.Services })
        {
            var providers = services.GetServices<IGrainInterfaceTypeProvider>().ToArray();
            Assert.IsType<KnownInterfaceTypes>(providers[0]);
            var orleans = new GrainInterfaceTypeResolver(providers[1..], services.GetRequiredService<TypeConverter>());
            for (var i = 0; i < 2; i++)
            {
                Assert.All(interfaces, type =>
                {
                    Assert.True(providers[0].TryGetGrainInterfaceType(type, out var known));
                    Assert.Equal(orleans.GetGrainInterfaceType(type), known);
                });
            }
        }
    }
}

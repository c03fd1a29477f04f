"""What templates read of the sample catalogue: a path, a template, and what it shows."""

CASES = [
    (
        "/",
        "{{ shop.name }}/{{ shop.description }}/{{ shop.currency }}",
        "Corner Shop/Things for a kitchen./USD",
    ),
    (
        "/",
        "{{ page_title }}/{{ template }}/{{ template.name }}/{{ request.page_type }}",
        "Corner Shop/index/index/index",
    ),
    (
        "/",
        "{{ shop.metafields.facts.founded }} {{ shop.metafields.facts.founded.value | plus: 1 }}",
        "1999 2000",
    ),
    (
        "/",
        "{% for p in all_products %}{{ p.handle }} {% endfor %}{{ all_products.mug.title }}",
        "mug spoon Mug",
    ),
    (
        "/",
        "{% for c in collections %}{{ c.title }}{% endfor %} {{ collections.kitchen.products_count }}",
        "Kitchen 2",
    ),
    (
        "/",
        "{{ linklists.main-menu.links[1].links.first.url }} {{ linklists.main-menu.levels }}",
        "/products/mug 2",
    ),
    (
        "/collections/kitchen",
        "{% for l in linklists.main-menu.links %}{{ l.active }}{% endfor %}",
        "falsetruefalse",
    ),
    (
        "/",
        "{{ linklists.main-menu.links[1].object.title }} {{ linklists.main-menu.links[1].type }}",
        "Kitchen collection_link",
    ),
    ("/", "{{ pages.about.content }}{{ articles['news/opening'].title }}", "<p>We are small.</p>We open"),
    (
        "/products/mug",
        "{{ product.price_min }} {{ product.price_max }} {{ product.price_varies }}",
        "2250 2400 true",
    ),
    (
        "/products/mug",
        "{{ product.compare_at_price }} {{ product.available }} {{ product.tags | join: '+' }}",
        "3000 true kitchen+clay",
    ),
    (
        "/products/mug",
        "{{ product.selected_or_first_available_variant.title }} {{ product.options | join }}",
        "Blue Colour",
    ),
    (
        "/products/mug",
        "{% for v in product.variants %}{{ v.available }}{{ v.inventory_quantity }}{% endfor %}",
        "true5false0",
    ),
    (
        "/products/mug",
        (
            "{% for o in product.options_with_values %}{{ o.name }}:"
            "{{ o.values | join: ',' }}={{ o.selected_value }}{% endfor %}"
        ),
        "Colour:Blue,White=Blue",
    ),
    (
        "/products/mug",
        (
            "{{ product.options_with_values[0].values[0].selected }}"
            "{{ product.options_with_values[0].values[1].available }}"
        ),
        "truefalse",
    ),
    (
        "/products/mug",
        "{{ product.featured_image.src }} {{ product.featured_image.alt }} {{ product.media.size }}",
        "/files/mug.svg A blue mug 1",
    ),
    ("/products/mug", "{{ product.metafields.care.dishwasher }}{{ product.metafields.none.here }}", "true"),
    (
        "/products/mug",
        "{{ product.collections.first.title }} {{ product.variants.first.featured_image.width }}",
        "Kitchen 800",
    ),
    (
        "/products/spoon",
        "{{ product.has_only_default_variant }} {{ product.variants[0].title }} {{ product.featured_image }}",
        "true Default Title",
    ),
    (
        "/collections/kitchen/products/mug",
        "{{ collection.title }} {{ collection.previous_product.title }}{{ collection.next_product }}",
        "Kitchen Spoon",
    ),
    ("/collections/kitchen/products/mug", "{{ canonical_url }}", "http://demo.store.localhost/products/mug"),
    (
        "/collections/kitchen",
        "{% for p in collection.products %}{{ p.title }} {% endfor %}{{ collection.all_tags | join }}",
        "Spoon Mug clay kitchen wood",
    ),
    (
        "/collections/kitchen/wood",
        "{% for p in collection.products %}{{ p.title }}{% endfor %} {{ current_tags }}",
        "Spoon wood",
    ),
    ("/collections/all", "{{ collection.title }} {{ collection.products.first.title }}", "Products Mug"),
    ("/pages/about", "{{ page.title }} {{ page.content }} {{ handle }}", "About <p>We are small.</p> about"),
    (
        "/blogs/news",
        "{{ blog.title }} {{ blog.articles.first.title }} {{ blog.articles_count }}",
        "News We open 1",
    ),
    ("/blogs/news/tagged/none", "{{ blog.articles_count }} {{ current_tags | join }}", "0 none"),
    (
        "/blogs/news/opening",
        (
            "{{ article.author }} {{ article.comments.first.author }} "
            "{{ blog.handle }} {{ article.user.first_name }}"
        ),
        "Ada Bob news Ada",
    ),
    ("/policies/refund-policy", "{{ policy.title }} {{ page.content }}", "Refunds <p>Thirty days.</p>"),
    ("/nowhere", "{{ template }} {{ request.path }}", "404 /nowhere"),
    ("/products/none", "{{ template }}", "404"),
    ("/blogs/news/none", "{{ template }}", "404"),
    (
        "/cart",
        "{{ cart.item_count }} {{ cart.empty? }} {{ cart.items.size }} {{ cart.currency.iso_code }}",
        "0 true 0 USD",
    ),
    (
        "/",
        (
            "{{ localization.language.endonym_name }} "
            "{{ localization.available_languages.size }} {{ localization.country.currency.iso_code }}"
        ),
        "English 2 USD",
    ),
    ("/", "{{ routes.cart_add_url }} {{ routes.root_url }}", "/cart/add /"),
    ("/", "{{ theme.name }} {{ theme.role }} {{ customer }}", "Test main"),
]
